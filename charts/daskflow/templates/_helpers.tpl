{{- define "daskflow.name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- /* The release's name where that says what it is, both names where it does not: as a part of another
chart, or under a name like "flows". */}}
{{- define "daskflow.fullname" -}}
{{- $name := include "daskflow.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- /* Of objects without a namespace: releases for lists of namespaces may have the same name. */}}
{{- define "daskflow.clusterName" -}}
{{- if .Values.namespaces }}
{{- printf "%s-%s" (include "daskflow.fullname" .) .Release.Namespace }}
{{- else }}
{{- include "daskflow.fullname" . }}
{{- end }}
{{- end }}

{{- define "daskflow.serviceAccountName" -}}
{{- if not (or .Values.serviceAccount.create .Values.serviceAccount.name) }}
{{- fail "serviceAccount.create is false: name the account that is there already, in serviceAccount.name" }}
{{- end }}
{{- default (include "daskflow.fullname" .) .Values.serviceAccount.name }}
{{- end }}

{{- define "daskflow.selector" -}}
app.kubernetes.io/name: {{ include "daskflow.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "daskflow.labels" -}}
{{- $ours := dict "app.kubernetes.io/version" (.Chart.AppVersion | toString) }}
{{- $ours = merge (include "daskflow.selector" . | fromYaml) $ours }}
{{- toYaml (mergeOverwrite (deepCopy .Values.commonLabels) $ours) }}
{{- end }}

{{- /* (list $ name [namespace or "" [labels [annotations]]]): the metadata of an object. */}}
{{- define "daskflow.metadata" -}}
{{- $root := index . 0 }}
{{- $more := slice . 2 }}
{{- $namespace := ternary (first $more) $root.Release.Namespace (gt (len $more) 0) }}
{{- $labels := include "daskflow.labels" $root | fromYaml }}
{{- if gt (len $more) 1 }}{{ $labels = merge $labels (index $more 1) }}{{ end }}
{{- $annotations := deepCopy $root.Values.commonAnnotations }}
{{- if gt (len $more) 2 }}{{ $annotations = mergeOverwrite $annotations (index $more 2) }}{{ end -}}
name: {{ index . 1 | quote }}
{{- with $namespace }}
namespace: {{ . | quote }}
{{- end }}
labels: {{- toYaml $labels | nindent 2 }}
{{- with $annotations }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "daskflow.selectorPairs" -}}
{{- $pairs := list }}
{{- range $name, $value := include "daskflow.selector" . | fromYaml }}
{{- $pairs = append $pairs (printf "%s=%s" $name $value) }}
{{- end }}
{{- join "," $pairs }}
{{- end }}

{{- define "daskflow.image" -}}
{{- $repository := .Values.image.repository }}
{{- with .Values.global.imageRegistry | default .Values.image.registry }}
{{- $host := $repository | splitList "/" | first }}
{{- if and (contains "/" $repository) (or (contains "." $host) (contains ":" $host) (eq $host "localhost")) }}
{{- $repository = $repository | trimPrefix (printf "%s/" $host) }}
{{- end }}
{{- $repository = printf "%s/%s" (trimSuffix "/" .) $repository }}
{{- end }}
{{- $repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- with .Values.image.digest }}@{{ . }}{{ end }}
{{- end }}

{{- define "daskflow.imagePullSecrets" -}}
{{- with concat (.Values.global.imagePullSecrets | default list) .Values.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
{{- if kindIs "string" . }}
  - name: {{ . | quote }}
{{- else }}
  - name: {{ .name | quote }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{- /* The user's, and ours of the two taints of lost nodes where none of the user's bears their NoExecute: one of that
key or of any, for that effect or for any. */}}
{{- define "daskflow.tolerations" -}}
{{- $all := .Values.tolerations }}
{{- range $taint := list "node.kubernetes.io/not-ready" "node.kubernetes.io/unreachable" }}
{{- $borne := false }}
{{- range $.Values.tolerations }}
{{- if and (eq (.key | default $taint) $taint) (eq (.effect | default "NoExecute") "NoExecute") }}
{{- $borne = true }}
{{- end }}
{{- end }}
{{- if not $borne }}
{{- $ours := dict "key" $taint "operator" "Exists" "effect" "NoExecute" "tolerationSeconds" $.Values.nodeLossSeconds }}
{{- $all = append $all $ours }}
{{- end }}
{{- end }}
{{- toYaml $all }}
{{- end }}

{{- define "daskflow.topologySpreadConstraints" -}}
{{- $all := list }}
{{- $selector := dict "labelSelector" (dict "matchLabels" (include "daskflow.selector" . | fromYaml)) }}
{{- range .Values.topologySpreadConstraints }}{{ $all = append $all (merge (deepCopy .) $selector) }}{{ end }}
{{- toYaml $all }}
{{- end }}

{{- define "daskflow.priorityClassName" -}}
{{- if .Values.priorityClassName }}
{{- .Values.priorityClassName }}
{{- else if .Values.priorityClass.create }}
{{- include "daskflow.clusterName" . }}
{{- end }}
{{- end }}

{{- /* A quantity as it was written, whether as a text or as a number, which a values file makes 3.4e+10. */}}
{{- define "daskflow.quantity" -}}
{{- if kindIs "string" . }}{{ . }}
{{- else if eq (float64 .) (float64 (int64 .)) }}{{ int64 . }}
{{- else }}{{ . }}
{{- end }}
{{- end }}
