{{- define "daskflow.labels" -}}
app.kubernetes.io/name: daskflow
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "daskflow.selector" -}}
app.kubernetes.io/name: daskflow
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "daskflow.selectorPairs" -}}
{{- $pairs := list }}
{{- range $name, $value := include "daskflow.selector" . | fromYaml }}
{{- $pairs = append $pairs (printf "%s=%s" $name $value) }}
{{- end }}
{{- join "," $pairs }}
{{- end }}
