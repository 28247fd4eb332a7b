{{/* The web server's container: beside the controller with SQLite, whose file both read; else in a Pod of its own. */}}
{{- define "slipway.webContainer" -}}
- name: web
  {{- include "slipway.containerBasics" . | nindent 2 }}
  args: {{- prepend .Values.web.extraArgs "web" | toYaml | nindent 2 }}
  env:
  {{- include "slipway.databaseEnv" . | trim | nindent 2 }}
  - {name: SLIPWAY_WEB_HOST, value: "0.0.0.0"}
  - {name: SLIPWAY_WEB_PORT, value: "8000"}
  - {name: SLIPWAY_WEB_PROBE_PORT, value: "8081"}
  - {name: SLIPWAY_WEB_API_SERVER_CA, value: /var/run/slipway/ca.crt}
  - {name: SLIPWAY_WEB_INSECURE_COOKIES, value: {{ .Values.web.insecureCookies | quote }}}
  - {name: SLIPWAY_LOG_STORE, value: {{ .Values.config.logStore | quote }}}
  - {name: SLIPWAY_DEFAULT_TASK_IMAGE, value: {{ .Values.config.defaultTaskImage | quote }}}
  - {name: SLIPWAY_LOG_FORMAT, value: {{ .Values.config.logFormat | quote }}}
  - {name: SLIPWAY_LOG_LEVEL, value: {{ .Values.config.logLevel | quote }}}
  {{- with include "slipway.origins" . | fromJsonArray }}
  - {name: SLIPWAY_WEB_ORIGINS, value: {{ toJson . | quote }}}
  {{- end }}
  {{- include "slipway.signInEnv" . | nindent 2 }}
  {{- with .Values.web.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- if or .Values.logs.secret .Values.web.extraEnvFrom }}
  envFrom:
  {{- with .Values.logs.secret }}
  - secretRef: {name: {{ . }}}
  {{- end }}
  {{- with .Values.web.extraEnvFrom }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- end }}
  ports:
  - {name: http, containerPort: 8000}
  - {name: web-probes, containerPort: 8081}
  {{- include "slipway.probes" (dict "of" .Values.web "port" "web-probes") | nindent 2 }}
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
  {{- with include "slipway.logsPath" . }}
  - {name: logs, mountPath: {{ . }}, readOnly: true}
  {{- end }}
  {{- include "slipway.databaseMounts" . | trim | nindent 2 }}
  {{- with .Values.web.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* Those of web.origins, then the hosts of the Ingress that have a certificate, be it one of *.PARENT: a JSON list. */}}
{{- define "slipway.origins" -}}
{{- $origins := .Values.web.origins -}}
{{- with .Values.web.ingress -}}
{{- if .enabled -}}
{{- $protected := list -}}
{{- range .tls }}{{ $protected = concat $protected .hosts }}{{ end -}}
{{- range .hosts -}}
{{- $parent := regexReplaceAll "^[^.]+" . "*" -}}
{{- if or (has . $protected) (has $parent $protected) }}{{ $origins = append $origins (printf "https://%s" .) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $origins | uniq | toJson -}}
{{- end -}}

{{/* OpenID Connect, and a proxy that says who asks. */}}
{{- define "slipway.signInEnv" -}}
{{- with .Values.web.oidc }}
{{- if .issuer }}
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
  valueFrom: {secretKeyRef: {name: {{ .existingSecret }}, key: {{ .secretKey }}}}
{{- end }}
{{- end }}
{{- end -}}

{{/* The certificates of the API server; a token is there only to impersonate whom a trusted proxy names. */}}
{{- define "slipway.webVolumes" -}}
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
{{- with .Values.web.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
