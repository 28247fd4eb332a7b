{{/* What all Pods of the chart have in common. Parts take (dict "root" $ "of" .Values.web), where `of` has the usual values
of a Pod. */}}
{{- define "slipway.podLabels" -}}
{{- with .root.Values.commonLabels }}
{{- toYaml . }}
{{ end }}
{{- with .of.podLabels }}
{{- toYaml . }}
{{ end }}
{{- end -}}

{{- define "slipway.podBasics" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext: {{- toYaml .Values.podSecurityContext | nindent 2 }}
# A Service called slipway would put variables SLIPWAY_* beside our settings.
enableServiceLinks: false
{{- end -}}

{{/* Besides: `selector` of Pods that spread over nodes where nothing else is said; empty = one Pod does not spread. */}}
{{- define "slipway.placement" -}}
{{- with .of.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .of.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- if .of.topologySpreadConstraints }}
topologySpreadConstraints: {{- toYaml .of.topologySpreadConstraints | nindent 2 }}
{{- else if .selector }}
topologySpreadConstraints:
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels: {{- .selector | nindent 6 }}
  matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end -}}

{{- define "slipway.containerBasics" -}}
image: {{ include "slipway.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext: {{- toYaml .Values.securityContext | nindent 2 }}
{{- end -}}

{{/* (dict "of" .Values.web "port" "probes"). The startup probe waits for the port alone: who waits for an API server or a
source that is away is not ready, and a restart would not bring it back. */}}
{{- define "slipway.probes" -}}
startupProbe: {{- merge (dict "httpGet" (dict "path" "/healthz" "port" .port)) .of.probes.startup | toYaml | nindent 2 }}
livenessProbe: {{- merge (dict "httpGet" (dict "path" "/healthz" "port" .port)) .of.probes.liveness | toYaml | nindent 2 }}
readinessProbe: {{- merge (dict "httpGet" (dict "path" "/readyz" "port" .port)) .of.probes.readiness | toYaml | nindent 2 }}
{{- end -}}

{{/* The token and certificates of the API server as Kubernetes mounts them by itself, but into one container alone. */}}
{{- define "slipway.apiAccess" -}}
- name: api-access
  projected:
    sources:
    - serviceAccountToken: {path: token, expirationSeconds: 3607}
    - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
    - downwardAPI: {items: [{path: namespace, fieldRef: {fieldPath: metadata.namespace}}]}
{{- end -}}

{{- define "slipway.databaseEnv" -}}
{{- with .Values.database }}
{{- if eq .type "sqlite" }}
- {name: SLIPWAY_DATABASE_URL, value: "sqlite:////data/slipway.db"}
{{- else if .external.host }}
- name: PGPASSWORD
  valueFrom: {secretKeyRef: {name: {{ .existingSecret }}, key: {{ .secretKey }}}}
- name: SLIPWAY_DATABASE_URL
  value: {{ printf "postgresql://%s@%s:%d/%s?sslmode=%s" (.external.user | urlquery) .external.host (int .external.port) (.external.name | urlquery) .external.sslmode | quote }}
{{- else }}
- name: SLIPWAY_DATABASE_URL
  valueFrom: {secretKeyRef: {name: {{ .existingSecret }}, key: {{ .secretKey }}}}
{{- end }}
{{- if .caConfigMap }}
- {name: PGSSLROOTCERT, value: /etc/slipway/database/ca.crt}
{{- end }}
{{- end }}
{{- end -}}

{{/* Where the file of the database is, or the certificates that its server is known by. */}}
{{- define "slipway.databaseMounts" -}}
{{- if eq .Values.database.type "sqlite" }}
- {name: data, mountPath: /data}
{{- else if .Values.database.caConfigMap }}
- {name: database-ca, mountPath: /etc/slipway/database, readOnly: true}
{{- end }}
{{- end -}}

{{- define "slipway.databaseVolumes" -}}
{{- if eq .Values.database.type "sqlite" }}
- name: data
  persistentVolumeClaim: {claimName: {{ .Values.database.sqlite.existingClaim | default (printf "%s-data" (include "slipway.fullname" .)) }}}
{{- else if .Values.database.caConfigMap }}
- name: database-ca
  configMap: {name: {{ .Values.database.caConfigMap }}, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- end -}}

{{/* Where the folder of the log store is on a volume that the chart mounts. */}}
{{- define "slipway.logsPath" -}}
{{- if .Values.logs.claim }}{{ .Values.config.logStore | trimPrefix "file://" }}{{ end }}
{{- end -}}

{{/* Where the controller reads artifacts on a volume that the chart mounts. */}}
{{- define "slipway.artifactsPath" -}}
{{- if and .Values.config.artifactsClaim (hasPrefix "file://" .Values.config.artifactsReadUrl) }}
{{- .Values.config.artifactsReadUrl | trimPrefix "file://" }}
{{- end }}
{{- end -}}
