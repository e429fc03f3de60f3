/** What `helm install` prints at the end: what to do next. A Helm template. */
export const NOTES = `{{- $name := include "system-monitoring.fullname" . }}
{{- $kubectl := printf "kubectl --namespace %s" .Release.Namespace }}
{{- $pods := printf "app.kubernetes.io/instance=%s" .Release.Name }}
{{- $secrets := list (include "system-monitoring.caSecret" .) (include "system-monitoring.producerSecret" .) (include "system-monitoring.consumerSecret" .) | compact | uniq -}}
{{ .Chart.Name }} {{ .Chart.AppVersion }}: a producer on every node, consumers: {{ .Values.consumer.replicas }}, Kafka at
{{ include "system-monitoring.bootstrapServers" . }}

1. Watch it get ready:

     {{ $kubectl }} get pods --selector {{ $pods }} --watch
{{- if $secrets }}

   Pods stay in ContainerCreating until these secrets are there{{ if not .Values.kafka.bootstrapServers }}, which Strimzi makes{{ end }}:
   {{ join ", " $secrets }}
{{- end }}

2. See what the nodes say, as Prometheus does. A replica shows its own nodes:

     {{ $kubectl }} port-forward service/{{ $name }}-consumer 8080:8080
     curl --silent http://127.0.0.1:8080/metrics | grep sysmon_node_up
{{- if .Values.tests.enabled }}

3. Prove it, from end to end:

     helm test {{ .Release.Name }} --namespace {{ .Release.Namespace }}
{{- end }}

Alerts are lines of the consumers' log. Keep all CPUs of a node busy for a minute to get one:

     {{ $kubectl }} logs --selector {{ $pods }},app.kubernetes.io/component=consumer --follow --tail=-1 | grep '"event":"alert"'
{{- if eq .Values.producer.hostPath.mode "none" }}

Producers see nothing of their nodes but what every container is shown (producer.hostPath.mode=none): no network, no file systems,
no processes.
{{- end }}
{{- if not .Values.serviceMonitor.enabled }}

There is no ServiceMonitor: let your Prometheus ask each address of {{ $name }}-consumer.{{ .Release.Namespace }}.svc:8080 and relabel
as the README shows, or dashboards for node_exporter will not find the nodes.
{{- end }}
{{- if and .Values.networkPolicy.enabled (not .Values.networkPolicy.prometheus) }}

networkPolicy.prometheus is empty: nobody may ask for /metrics.
{{- end }}
`;
