{{/* What the controller may do where its Dags are; docs/security.md gives the reason of each line. */}}
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
  resources: [backfills]
  verbs: [delete]
- apiGroups: [slipway.dev]
  resources: [dags/status, dagruns/status, taskruns/status, pools/status, backfills/status, approvals/status]
  verbs: [patch]
- apiGroups: [slipway.dev]
  resources: [dags/finalizers, dagruns/finalizers, taskruns/finalizers]
  verbs: [update]
- apiGroups: [apps]
  resources: [controllerrevisions]
  verbs: [get, list, watch, create, delete]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [pods/log]
  verbs: [get]
- apiGroups: [""]
  resources: [events]
  verbs: [create, list]
{{- if .Values.webhook.enabled }}
- apiGroups: [authorization.k8s.io]
  resources: [localsubjectaccessreviews]
  verbs: [create]
{{- end }}
{{- range .Values.sensors.resources }}
- apiGroups: {{ .apiGroups | toJson }}
  resources: {{ .resources | toJson }}
  verbs: [get]
{{- end }}
{{- end -}}

{{/* What it may do in the release's own namespace; empty where that is nothing. */}}
{{- define "slipway.ownRules" -}}
{{- if ne .Values.database.type "sqlite" }}
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [{{ include "slipway.fullname" . }}]
  verbs: [get, patch]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
{{- end }}
{{- if .Values.webhook.enabled }}
- apiGroups: [""]
  resources: [secrets]
  resourceNames: [{{ include "slipway.fullname" . }}-webhook]
  verbs: [get, patch]
{{- end }}
{{- end -}}

{{/* (dict "root" $ "kind" "Role" "name" ... "account" ...) -> roleRef and subjects of a binding. */}}
{{- define "slipway.binds" -}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: {{ .kind }}, name: {{ .name }}}
subjects:
- {kind: ServiceAccount, name: {{ .account }}, namespace: {{ .root.Release.Namespace }}}
{{- end -}}
