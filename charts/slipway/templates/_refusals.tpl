{{/* Values that can't go together -> one sentence that says which, before anything is installed. */}}
{{- define "slipway.refusals" -}}
{{- range list "database" "scaling" "accounts" "web" "stores" "watching" "sync" -}}
{{- include (printf "slipway.refusals.%s" .) $ -}}
{{- end -}}
{{- end -}}

{{- define "slipway.refusals.database" -}}
{{- $is_sqlite := eq .Values.database.type "sqlite" -}}
{{- with .Values.database -}}
{{- if and $is_sqlite (or .existingSecret .external.host) -}}
{{- fail "database.existingSecret and database.external.host are for a server: set database.type to postgres, or take them away" -}}
{{- else if and (not $is_sqlite) (not .existingSecret) -}}
{{- fail "database.existingSecret must name the Secret with the URL when database.type is postgres" -}}
{{- else if and $is_sqlite .caConfigMap -}}
{{- fail "database.caConfigMap is for a server: set database.type to postgres, or take it away" -}}
{{- else if and (not $is_sqlite) .sqlite.existingClaim -}}
{{- fail "database.sqlite.existingClaim is for SQLite: set database.type to sqlite, or take it away" -}}
{{- end -}}
{{- end -}}
{{- with .Values.controller.strategy -}}
{{- if and $is_sqlite (ne (.type | default "") "Recreate") -}}
{{- fail "controller.strategy.type must be Recreate with database.type sqlite: SQLite is a file with one writer" -}}
{{- end -}}
{{- end -}}
{{- if and $is_sqlite (gt (int .Values.controller.replicas) 1) -}}
{{- fail "controller.replicas above 1 needs database.type postgres: SQLite is a file with one writer" -}}
{{- else if and $is_sqlite (gt (int .Values.web.replicas) 1) -}}
{{- fail "web.replicas above 1 needs database.type postgres: with SQLite the web server is beside the controller" -}}
{{- else if and $is_sqlite .Values.web.autoscaling.enabled -}}
{{- fail "web.autoscaling needs database.type postgres: with SQLite the web server is beside the controller" -}}
{{- end -}}
{{- range $name := list "extraContainers" "extraInitContainers" "annotations" "labels" "podAnnotations" "podLabels" "nodeSelector" "tolerations" "affinity" "topologySpreadConstraints" "priorityClassName" -}}
{{- if and $is_sqlite (get $.Values.web $name) -}}
{{- fail (printf "web.%s needs database.type postgres: with SQLite the web server is in the controller's Pod, so set controller.%s" $name $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "slipway.refusals.scaling" -}}
{{- with .Values.web.autoscaling -}}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) -}}
{{- fail "web.autoscaling.minReplicas is above web.autoscaling.maxReplicas" -}}
{{- else if and .enabled (not (($.Values.web.resources).requests).cpu) -}}
{{- fail "web.autoscaling needs web.resources.requests.cpu: it counts in percent of it" -}}
{{- end -}}
{{- end -}}
{{- range $path, $pdb := dict "controller.pdb" .Values.controller.pdb "web.pdb" .Values.web.pdb -}}
{{- if and $pdb.enabled (regexMatch "^0+%?$" (toString $pdb.maxUnavailable)) -}}
{{- fail (printf "%s.maxUnavailable must not be 0: no node could be drained, so take 1, or set %s.enabled to false" $path $path) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "slipway.refusals.accounts" -}}
{{- range $path, $account := dict "serviceAccount" .Values.serviceAccount "web.serviceAccount" .Values.web.serviceAccount "sync.serviceAccount" .Values.sync.serviceAccount -}}
{{- if not (or $account.create $account.name) -}}
{{- fail (printf "%s.name must name an account that exists when %s.create is false" $path $path) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "slipway.refusals.web" -}}
{{- with .Values.web -}}
{{- if and (not .enabled) (or .ingress.enabled .httpRoute.enabled) -}}
{{- fail "web.ingress and web.httpRoute lead to the web server, which web.enabled switches off" -}}
{{- else if and (not .enabled) (or .proxy.enabled .oidc.issuer) -}}
{{- fail "web.proxy and web.oidc are ways to sign in to the web server, which web.enabled switches off" -}}
{{- else if and .ingress.enabled (not .ingress.hosts) -}}
{{- fail "web.ingress.hosts must name at least one host when web.ingress is enabled" -}}
{{- else if and .httpRoute.enabled (not .httpRoute.parentRefs) -}}
{{- fail "web.httpRoute.parentRefs must name a Gateway when web.httpRoute is enabled" -}}
{{- else if and .oidc.issuer (not (and .oidc.clientId (or .oidc.redirectUrl (include "slipway.origins" $ | fromJsonArray)))) -}}
{{- fail "web.oidc.issuer needs web.oidc.clientId, and web.oidc.redirectUrl or one of web.origins" -}}
{{- else if and .proxy.enabled (not .proxy.existingSecret) -}}
{{- fail "web.proxy.existingSecret must name the Secret that the proxy is known by" -}}
{{- else if and .proxy.enabled (not .proxy.users) -}}
{{- fail "web.proxy.enabled needs web.proxy.users: name those that may be impersonated, or ['*'] for every one and with it every power" -}}
{{- else if and .proxy.enabled .proxy.groupsHeader (not .proxy.groups) -}}
{{- fail "web.proxy.groupsHeader needs web.proxy.groups: name those that may be impersonated, or ['*'] for every one and with it every power" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.metrics.serviceMonitor.enabled .Values.metrics.podMonitor.enabled -}}
{{- fail "metrics.serviceMonitor and metrics.podMonitor would count everything twice: enable one of them" -}}
{{- end -}}
{{- end -}}

{{- define "slipway.refusals.stores" -}}
{{- $is_file := hasPrefix "file://" .Values.config.logStore -}}
{{- if and .Values.logs.claim (not $is_file) -}}
{{- fail "logs.claim is a volume, so config.logStore must be file:///PATH" -}}
{{- else if and $is_file (not .Values.logs.claim) (not .Values.controller.extraVolumeMounts) -}}
{{- fail "config.logStore is a file, so logs.claim must name the volume that it is on" -}}
{{- end -}}
{{- if gt (len (compact (list .Values.controller.artifactsSecret .Values.logs.secret) | uniq)) 1 -}}
{{- fail "controller.artifactsSecret and logs.secret differ, but both stores are opened with the same variables: name one Secret that may do both" -}}
{{- end -}}
{{- with .Values.config -}}
{{- if and .artifactsClaim .artifactsUrl -}}
{{- fail "config.artifactsClaim and config.artifactsUrl exclude each other: a store is a volume or a bucket" -}}
{{- else if and .artifactsSecret (not .artifactsUrl) -}}
{{- fail "config.artifactsSecret goes with config.artifactsUrl: a volume needs no credentials" -}}
{{- else if and .artifactsReadUrl (not (or .artifactsClaim .artifactsUrl)) -}}
{{- fail "config.artifactsReadUrl goes with config.artifactsClaim or config.artifactsUrl: there is no store to read" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "slipway.refusals.watching" -}}
{{- $watched := .Values.watchNamespaces -}}
{{- if and $watched .Values.tests.namespace (not (has .Values.tests.namespace $watched)) -}}
{{- fail "tests.namespace must be one of watchNamespaces" -}}
{{- else if and (has .Release.Namespace $watched) (not .Values.config.allowOwnNamespace) -}}
{{- fail "watchNamespaces names the release's own namespace, whose Dags are run only with config.allowOwnNamespace" -}}
{{- end -}}
{{- end -}}

{{- define "slipway.refusals.sync" -}}
{{- with .Values.sync -}}
{{- if .enabled -}}
{{- if ne 1 (len (compact (list .git.url .configMap .claim))) -}}
{{- fail "sync.enabled needs one source: sync.git.url, sync.configMap or sync.claim" -}}
{{- else if not .namespace -}}
{{- fail "sync.namespace must say where the Dags go" -}}
{{- else if and $.Values.watchNamespaces (not (has .namespace $.Values.watchNamespaces)) -}}
{{- fail "sync.namespace must be one of watchNamespaces: nobody would run the Dags" -}}
{{- else if and (eq .namespace $.Release.Namespace) (not $.Values.config.allowOwnNamespace) -}}
{{- fail "sync.namespace is the release's own namespace, whose Dags are run only with config.allowOwnNamespace" -}}
{{- end -}}
{{- end -}}
{{- if and (not .git.url) (or .git.ref .git.path .git.existingSecret) -}}
{{- fail "sync.git.ref, sync.git.path and sync.git.existingSecret go with sync.git.url" -}}
{{- end -}}
{{- end -}}
{{- end -}}
