{{/* The web server's container: beside the controller with SQLite, whose file both read; else in a Pod of its own. */}}
{{- define "slipway.webContainer" -}}
- name: web
  image: {{ include "slipway.image" . }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args: [web]
  env:
  {{- include "slipway.databaseEnv" . | nindent 2 }}
  - {name: SLIPWAY_WEB_HOST, value: "0.0.0.0"}
  - {name: SLIPWAY_WEB_PORT, value: "8000"}
  - {name: SLIPWAY_WEB_PROBE_PORT, value: "8081"}
  - {name: SLIPWAY_WEB_API_SERVER_CA, value: /var/run/slipway/ca.crt}
  - {name: SLIPWAY_WEB_INSECURE_COOKIES, value: {{ .Values.web.insecureCookies | quote }}}
  - {name: SLIPWAY_LOG_STORE, value: {{ .Values.config.logStore | quote }}}
  - {name: SLIPWAY_DEFAULT_TASK_IMAGE, value: {{ .Values.config.defaultTaskImage | quote }}}
  - {name: SLIPWAY_LOG_FORMAT, value: {{ .Values.config.logFormat | quote }}}
  - {name: SLIPWAY_LOG_LEVEL, value: {{ .Values.config.logLevel | quote }}}
  {{- with .Values.web.origins }}
  - {name: SLIPWAY_WEB_ORIGINS, value: {{ toJson . | quote }}}
  {{- end }}
  {{- with .Values.web.oidc }}
  {{- if .issuer }}
  {{- if not (and .clientId (or .redirectUrl $.Values.web.origins)) }}
  {{- fail "web.oidc.issuer needs web.oidc.clientId, and web.oidc.redirectUrl or one of web.origins" }}
  {{- end }}
  {{- range $name, $value := omit . "existingSecret" "secretKey" "caConfigMap" }}
  - {name: SLIPWAY_WEB_OIDC_{{ $name | snakecase | upper }}, value: {{ $value | quote }}}
  {{- end }}
  {{- if .existingSecret }}
  - name: SLIPWAY_WEB_OIDC_CLIENT_SECRET
    valueFrom: {secretKeyRef: {name: {{ .existingSecret }}, key: {{ .secretKey }}}}
  {{- end }}
  {{- if .caConfigMap }}
  - {name: SLIPWAY_WEB_OIDC_CA, value: /var/run/slipway-oidc/ca.crt}
  {{- end }}
  {{- end }}
  {{- end }}
  {{- with .Values.web.proxy }}
  {{- if .enabled }}
  - {name: SLIPWAY_WEB_PROXY_USER_HEADER, value: {{ .userHeader | quote }}}
  - {name: SLIPWAY_WEB_PROXY_GROUPS_HEADER, value: {{ .groupsHeader | quote }}}
  - name: SLIPWAY_WEB_PROXY_SECRET
    valueFrom:
      secretKeyRef:
        name: {{ required "web.proxy.existingSecret must name the Secret that the proxy is known by" .existingSecret }}
        key: {{ .secretKey }}
  {{- end }}
  {{- end }}
  {{- with .Values.web.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with .Values.logs.secret }}
  envFrom:
  - secretRef: {name: {{ . }}}
  {{- end }}
  ports:
  - {name: http, containerPort: 8000}
  - {name: web-probes, containerPort: 8081}
  startupProbe: {httpGet: {path: /readyz, port: web-probes}, periodSeconds: 1, failureThreshold: 60}
  livenessProbe: {httpGet: {path: /healthz, port: web-probes}, periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5}
  readinessProbe: {httpGet: {path: /readyz, port: web-probes}, periodSeconds: 5, timeoutSeconds: 5}
  securityContext: {{- include "slipway.containerSecurity" . | nindent 4 }}
  {{- with .Values.web.resources }}
  resources: {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
  - {name: tmp, mountPath: /tmp}
  - {name: api-server-ca, mountPath: /var/run/slipway, readOnly: true}
  {{- if .Values.web.proxy.enabled }}
  - {name: web-api-access, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}
  {{- end }}
  {{- if and .Values.web.oidc.issuer .Values.web.oidc.caConfigMap }}
  - {name: oidc-ca, mountPath: /var/run/slipway-oidc, readOnly: true}
  {{- end }}
  {{- if include "slipway.logsClaim" . }}
  - {name: logs, mountPath: {{ .Values.config.logStore | trimPrefix "file://" }}, readOnly: true}
  {{- end }}
  {{- if eq .Values.database.type "sqlite" }}
  - {name: data, mountPath: /data}
  {{- end }}
{{- end -}}

{{/* The certificates of the API server; a token is there only to impersonate whom a trusted proxy names. */}}
{{- define "slipway.webVolume" -}}
- name: api-server-ca
  configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
{{- if .Values.web.proxy.enabled }}
- name: web-api-access
  projected:
    sources:
    {{- if eq .Values.database.type "sqlite" }}
    # The Pod is the controller's and has its service account, whose token must not come in here.
    - secret: {name: {{ include "slipway.fullname" . }}-web-token, items: [{key: token, path: token}]}
    {{- else }}
    - serviceAccountToken: {path: token, expirationSeconds: 3607}
    {{- end }}
    - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- if and .Values.web.oidc.issuer .Values.web.oidc.caConfigMap }}
- name: oidc-ca
  configMap: {name: {{ .Values.web.oidc.caConfigMap }}, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- end -}}

{{- define "slipway.webSelector" -}}
{{- if eq .Values.database.type "sqlite" -}}
{{- include "slipway.selector" . -}}
{{- else -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}-web
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
{{- end -}}
