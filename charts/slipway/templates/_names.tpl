{{/* Names and labels. */}}
{{- define "slipway.name" -}}
{{- default .Chart.Name .Values.nameOverride -}}
{{- end -}}

{{- define "slipway.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains (include "slipway.name" .) .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "slipway.name" .) | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The name of an object of the whole cluster, which two releases must not share. */}}
{{- define "slipway.clusterName" -}}
{{ include "slipway.fullname" . }}-{{ .Release.Namespace }}
{{- end -}}

{{- define "slipway.labels" -}}
app.kubernetes.io/name: {{ include "slipway.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* (list $ "-web") -> the metadata of the object <fullname>-web of the release's namespace. */}}
{{- define "slipway.metadata" -}}
{{- include "slipway.metadataOf" (list (first .) (printf "%s%s" (include "slipway.fullname" (first .)) (last .))) -}}
{{- end -}}

{{/* (list $ "name") -> the same for a whole name. */}}
{{- define "slipway.metadataOf" -}}
{{- $root := first . -}}
name: {{ last . }}
namespace: {{ $root.Release.Namespace }}
labels: {{- include "slipway.labels" $root | nindent 2 }}
{{- end -}}

{{/* The same for an object of the whole cluster. */}}
{{- define "slipway.clusterMetadata" -}}
{{- $root := first . -}}
name: {{ include "slipway.clusterName" $root }}{{ last . }}
labels: {{- include "slipway.labels" $root | nindent 2 }}
{{- end -}}

{{/* What a Deployment's Pods are known by; it can't be changed once it is installed. The web server of SQLite is in the
controller's Pod. */}}
{{- define "slipway.selector" -}}
{{- $root := first . -}}
app.kubernetes.io/name: {{ include "slipway.name" $root }}{{ last . }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
{{- end -}}

{{- define "slipway.webSelector" -}}
{{- include "slipway.selector" (list . (ternary "" "-web" (eq .Values.database.type "sqlite"))) -}}
{{- end -}}

{{- define "slipway.image" -}}
{{- $registry := .Values.image.registry | default .Values.global.imageRegistry -}}
{{- with $registry }}{{ . }}/{{ end }}{{ .Values.image.repository }}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end -}}

{{- define "slipway.account" -}}
{{- .Values.serviceAccount.name | default (include "slipway.fullname" .) -}}
{{- end -}}

{{- define "slipway.webAccount" -}}
{{- .Values.web.serviceAccount.name | default (printf "%s-web" (include "slipway.fullname" .)) -}}
{{- end -}}

{{- define "slipway.syncAccount" -}}
{{- .Values.sync.serviceAccount.name | default (printf "%s-sync" (include "slipway.fullname" .)) -}}
{{- end -}}

{{/* Where helm test runs its Dag. */}}
{{- define "slipway.testNamespace" -}}
{{- .Values.tests.namespace | default (first .Values.watchNamespaces) | default "default" -}}
{{- end -}}
