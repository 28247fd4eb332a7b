{{- define "slipway.syncArgs" -}}
{{- with .Values.sync -}}
- sync
- {{ if .git.url }}{{ .git.url }}{{ with .git.ref }}@{{ . }}{{ end }}{{ else }}/dags{{ end }}
{{- with .git.path }}
- --path={{ . }}
{{- end }}
- --namespace={{ .namespace }}
- --id={{ .id | default (printf "%s-%s" $.Release.Namespace (include "slipway.fullname" $) | trunc 63 | trimSuffix "-") }}
- --watch={{ .intervalSeconds | int }}
- --probe-port=8080
{{- if .prune }}
- --prune
{{- end }}
{{- end -}}
{{- end -}}

{{/* How git finds the credentials in the Secret: of HTTPS by a helper, of ssh by its files. $$ is a $ that Kubernetes
does not fill in. */}}
{{- define "slipway.gitEnv" -}}
- {name: GIT_CONFIG_COUNT, value: "1"}
- {name: GIT_CONFIG_KEY_0, value: credential.helper}
- name: GIT_CONFIG_VALUE_0
  value: >-
    !f() { test "$1" = get && cd /etc/slipway/git && test -e password &&
    printf 'username=%s\npassword=%s\n' "$$(cat username)" "$$(cat password)"; }; f
- name: GIT_SSH_COMMAND
  value: >-
    ssh -i /etc/slipway/git/ssh-privatekey -o UserKnownHostsFile=/etc/slipway/git/known_hosts
    -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes -o BatchMode=yes
{{- end -}}
