{{- define "slipway.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "slipway.labels" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "slipway.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "slipway.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "slipway.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "slipway.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "slipway.databaseEnv" -}}
- name: SLIPWAY_DATABASE_URL
{{- if eq .Values.database.type "sqlite" }}
  value: sqlite:////data/slipway.db
{{- else }}
  valueFrom:
    secretKeyRef:
      name: {{ required "database.existingSecret must name the Secret with the URL when database.type is postgres" .Values.database.existingSecret }}
      key: {{ .Values.database.secretKey }}
{{- end }}
{{- end -}}

{{/* What the controller may do; docs/security.md gives the reason of each line. */}}
{{- define "slipway.rules" -}}
- apiGroups: [slipway.dev]
  resources: [dags, dagruns, taskruns, pools, backfills, approvals]
  verbs: [get, list, watch]
- apiGroups: [slipway.dev]
  resources: [dagruns, taskruns, approvals]
  verbs: [create]
- apiGroups: [slipway.dev]
  resources: [taskruns]
  verbs: [patch]
- apiGroups: [slipway.dev]
  resources: [dagruns]
  verbs: [patch, delete]
- apiGroups: [slipway.dev]
  resources: [dags/status, dagruns/status, taskruns/status, pools/status, backfills/status, approvals/status]
  verbs: [patch]
- apiGroups: [slipway.dev]
  resources: [dags/finalizers, dagruns/finalizers, taskruns/finalizers]
  verbs: [update]
- apiGroups: [apps]
  resources: [controllerrevisions]
  verbs: [get, list, watch, create]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [pods/log]
  verbs: [get]
- apiGroups: [""]
  resources: [events]
  verbs: [create, list]
{{- range .Values.sensors.resources }}
- apiGroups: {{ .apiGroups | toJson }}
  resources: {{ .resources | toJson }}
  verbs: [get]
{{- end }}
{{- end -}}

{{- /* Whether the controller reads the artifact store from a volume. */}}
{{- define "slipway.readsClaim" -}}
{{- if and .Values.config.artifactsClaim (hasPrefix "file://" .Values.config.artifactsReadUrl) }}yes{{ end }}
{{- end }}

{{- /* Whether logs are kept on a volume. */}}
{{- define "slipway.logsClaim" -}}
{{- if and .Values.logs.claim (hasPrefix "file://" .Values.config.logStore) }}yes{{ end }}
{{- end }}
