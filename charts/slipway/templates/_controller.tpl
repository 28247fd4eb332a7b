{{/* The settings of the controller: what `config:` says, and what other values come to. */}}
{{- define "slipway.controllerEnv" -}}
{{- range $name, $value := .Values.config }}
- {name: SLIPWAY_{{ $name | snakecase | upper }}, value: {{ ternary $value (toJson $value) (kindIs "string" $value) | quote }}}
{{- end }}
- {name: SLIPWAY_POD_POLICY, value: {{ toJson .Values.podPolicy | quote }}}
{{- with .Values.sensors.allowedHosts }}
- {name: SLIPWAY_SENSOR_ALLOWED_HOSTS, value: {{ toJson . | quote }}}
{{- end }}
{{- with .Values.sensors.forbiddenHosts }}
- {name: SLIPWAY_SENSOR_FORBIDDEN_HOSTS, value: {{ toJson . | quote }}}
{{- end }}
{{- with .Values.watchNamespaces }}
- {name: SLIPWAY_NAMESPACES, value: {{ toJson . | quote }}}
{{- end }}
{{- if ne .Values.database.type "sqlite" }}
- {name: SLIPWAY_LEASE_NAME, value: {{ include "slipway.fullname" . }}}
- {name: SLIPWAY_LEASE_SECONDS, value: {{ .Values.controller.leaseSeconds | int | quote }}}
{{- end }}
{{- if .Values.webhook.enabled }}
- {name: SLIPWAY_WEBHOOK_PORT, value: "9443"}
- {name: SLIPWAY_WEBHOOK_SECRET, value: {{ include "slipway.fullname" . }}-webhook}
- {name: SLIPWAY_WEBHOOK_SERVICE, value: {{ include "slipway.fullname" . }}-webhook}
- {name: SLIPWAY_WEBHOOK_CONFIGURATION, value: {{ include "slipway.clusterName" . }}}
- {name: SLIPWAY_WEBHOOK_CERTIFICATE_SECONDS, value: {{ mul .Values.webhook.certificateDays 86400 | quote }}}
{{- end }}
{{- if .Values.alerts.existingSecret }}
- {name: SLIPWAY_ALERTS_FOLDER, value: /etc/slipway/alerts}
{{- end }}
{{- with .Values.alerts.url | default (include "slipway.origins" . | fromJsonArray | first) }}
- {name: SLIPWAY_ALERTS_URL, value: {{ . | quote }}}
{{- end }}
{{- end -}}

{{/* What brings the database up to date before the controller starts: one process at a time, and none the wiser when it
is up to date already. */}}
{{- define "slipway.migration" -}}
- name: migrate
  {{- include "slipway.containerBasics" . | nindent 2 }}
  args: [db, migrate]
  env:
  {{- include "slipway.databaseEnv" . | trim | nindent 2 }}
  {{- with .Values.controller.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with .Values.controller.extraEnvFrom }}
  envFrom: {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- with .Values.migrations.resources }}
  resources: {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
  - {name: tmp, mountPath: /tmp}
  {{- include "slipway.databaseMounts" . | trim | nindent 2 }}
  {{- with .Values.controller.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "slipway.controllerContainer" -}}
- name: controller
  {{- include "slipway.containerBasics" . | nindent 2 }}
  args: {{- prepend .Values.controller.extraArgs "controller" | toYaml | nindent 2 }}
  env:
  {{- include "slipway.databaseEnv" . | trim | nindent 2 }}
  {{- include "slipway.controllerEnv" . | trim | nindent 2 }}
  {{- with .Values.controller.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- if or .Values.controller.artifactsSecret .Values.logs.secret .Values.controller.extraEnvFrom }}
  envFrom:
  {{- range compact (list .Values.controller.artifactsSecret .Values.logs.secret) | uniq }}
  - secretRef: {name: {{ . }}}
  {{- end }}
  {{- with .Values.controller.extraEnvFrom }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  {{- end }}
  ports:
  - {name: probes, containerPort: 8080}
  {{- if .Values.webhook.enabled }}
  - {name: webhook, containerPort: 9443}
  {{- end }}
  {{- include "slipway.probes" (dict "of" .Values.controller "port" "probes") | nindent 2 }}
  {{- with .Values.controller.resources }}
  resources: {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
  - {name: tmp, mountPath: /tmp}
  - {name: api-access, mountPath: /var/run/secrets/kubernetes.io/serviceaccount, readOnly: true}
  {{- include "slipway.databaseMounts" . | trim | nindent 2 }}
  {{- with include "slipway.artifactsPath" . }}
  - {name: artifacts, mountPath: {{ . }}, readOnly: true}
  {{- end }}
  {{- with include "slipway.logsPath" . }}
  - {name: logs, mountPath: {{ . }}}
  {{- end }}
  {{- if .Values.alerts.existingSecret }}
  # The folder, not its files: single files would never change with the Secret.
  - {name: alerts, mountPath: /etc/slipway/alerts, readOnly: true}
  {{- end }}
  {{- with .Values.controller.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "slipway.controllerVolumes" -}}
- {name: tmp, emptyDir: {}}
{{ include "slipway.apiAccess" . }}
{{- include "slipway.databaseVolumes" . }}
{{- if include "slipway.artifactsPath" . }}
- name: artifacts
  persistentVolumeClaim: {claimName: {{ .Values.config.artifactsClaim }}, readOnly: true}
{{- end }}
{{- if include "slipway.logsPath" . }}
- name: logs
  persistentVolumeClaim: {claimName: {{ .Values.logs.claim }}}
{{- end }}
{{- with .Values.alerts.existingSecret }}
- name: alerts
  secret: {secretName: {{ . }}, defaultMode: 0440, optional: true}
{{- end }}
{{- with .Values.controller.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
