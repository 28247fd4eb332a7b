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
  {{- if include "slipway.logsClaim" . }}
  - {name: logs, mountPath: {{ .Values.config.logStore | trimPrefix "file://" }}, readOnly: true}
  {{- end }}
  {{- if eq .Values.database.type "sqlite" }}
  - {name: data, mountPath: /data}
  {{- end }}
{{- end -}}

{{/* The certificates of the API server and nothing else: the web server has no token of its own. */}}
{{- define "slipway.webVolume" -}}
- name: api-server-ca
  configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
{{- end -}}

{{- define "slipway.webSelector" -}}
{{- if eq .Values.database.type "sqlite" -}}
{{- include "slipway.selector" . -}}
{{- else -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}-web
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}
{{- end -}}
