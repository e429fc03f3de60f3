{{- /* Written by `make synth`: change its source in cdk8s/ instead. */ -}}
{{- define "system-monitoring.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "system-monitoring.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "system-monitoring.selectorLabels" -}}
app.kubernetes.io/name: {{ include "system-monitoring.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end }}

{{- define "system-monitoring.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "system-monitoring.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: system-monitoring
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "system-monitoring.image" -}}
{{- $registry := default .image.registry .root.Values.global.imageRegistry }}
{{- $name := empty $registry | ternary .image.repository (printf "%s/%s" $registry .image.repository) }}
{{- if .image.digest }}
{{- printf "%s@%s" $name .image.digest }}
{{- else }}
{{- printf "%s:%s" $name (default .root.Chart.AppVersion .image.tag) }}
{{- end }}
{{- end }}

{{- define "system-monitoring.pullSecrets" -}}
{{- with concat .root.Values.global.imagePullSecrets .secrets | uniq }}
{{- toYaml . }}
{{- end }}
{{- end }}

{{- define "system-monitoring.bootstrapServers" -}}
{{- default (printf "%s-kafka-bootstrap.%s.svc:9093" .Values.kafka.strimzi.clusterName .Release.Namespace) .Values.kafka.bootstrapServers }}
{{- end }}

{{- define "system-monitoring.caSecret" -}}
{{- if not .Values.kafka.bootstrapServers }}
{{- printf "%s-cluster-ca-cert" .Values.kafka.strimzi.clusterName }}
{{- else if .Values.kafka.tls.enabled }}
{{- .Values.kafka.tls.caSecret }}
{{- end }}
{{- end }}

{{- define "system-monitoring.producerSecret" -}}
{{- if not .Values.kafka.bootstrapServers }}
{{- .Values.kafka.strimzi.producerUser }}
{{- else if .Values.kafka.tls.enabled }}
{{- .Values.kafka.tls.producerSecret }}
{{- end }}
{{- end }}

{{- define "system-monitoring.consumerSecret" -}}
{{- if not .Values.kafka.bootstrapServers }}
{{- .Values.kafka.strimzi.consumerUser }}
{{- else if .Values.kafka.tls.enabled }}
{{- .Values.kafka.tls.consumerSecret }}
{{- end }}
{{- end }}

{{- define "system-monitoring.producerServiceAccount" -}}
{{- if .Values.producer.serviceAccount.create }}
{{- default (printf "%s-producer" (include "system-monitoring.fullname" .)) .Values.producer.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.producer.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "system-monitoring.consumerServiceAccount" -}}
{{- if .Values.consumer.serviceAccount.create }}
{{- default (printf "%s-consumer" (include "system-monitoring.fullname" .)) .Values.consumer.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.consumer.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "system-monitoring.agentNodes" -}}
{{- $pairs := list }}
{{- range $label, $value := .Values.producer.nodeSelector }}
{{- $pairs = append $pairs (printf "%s=%s" $label $value) }}
{{- end }}
{{- join "," $pairs }}
{{- end }}

{{- define "system-monitoring.consumerAffinity" -}}
{{- with .Values.consumer.affinity }}
{{- toYaml . }}
{{- else }}
podAntiAffinity:
  preferredDuringSchedulingIgnoredDuringExecution:
    - weight: 100
      podAffinityTerm:
        topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- include "system-monitoring.selectorLabels" $ | nindent 12 }}
            app.kubernetes.io/component: consumer
{{- end }}
{{- end }}

{{- define "system-monitoring.consumerSpread" -}}
{{- with .Values.consumer.topologySpreadConstraints }}
{{- toYaml . }}
{{- else }}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- topologyKey: {{ . }}
  maxSkew: 1
  whenUnsatisfiable: ScheduleAnyway
  matchLabelKeys: [pod-template-hash]
  labelSelector:
    matchLabels:
      {{- include "system-monitoring.selectorLabels" $ | nindent 6 }}
      app.kubernetes.io/component: consumer
{{- end }}
{{- end }}
{{- end }}

{{- define "system-monitoring.ports" -}}
{{- range . }}
- port: {{ int64 . }}
  protocol: TCP
{{- end }}
{{- end }}

{{- define "system-monitoring.kafkaPorts" -}}
{{- $ports := list }}
{{- range .Values.networkPolicy.kafkaPorts }}
{{- $ports = append $ports (int64 .) }}
{{- end }}
{{- range splitList "," (include "system-monitoring.bootstrapServers" .) }}
{{- with regexFind "[0-9]+$" (trim .) }}
{{- $ports = append $ports (int64 .) }}
{{- end }}
{{- end }}
{{- include "system-monitoring.ports" (uniq $ports) }}
{{- end }}

{{- define "system-monitoring.alertmanagerPorts" -}}
{{- $ports := list }}
{{- range .Values.networkPolicy.alertmanagerPorts }}
{{- $ports = append $ports (int64 .) }}
{{- end }}
{{- range splitList "," .Values.consumer.alertmanagerUrl }}
{{- $url := urlParse (trim .) }}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) }}
{{- $ports = append $ports (int64 (default (ternary "443" "80" (eq $url.scheme "https")) $port)) }}
{{- end }}
{{- include "system-monitoring.ports" (uniq $ports) }}
{{- end }}
