/**
 * A ConfigMap for each dashboard, which Grafana's sidecar finds by a label. The JSON is taken as it is (`.Files.Get`): its
 * braces are Grafana's and not Helm's.
 */
import type { HelmChart } from '../helm/chart.ts';

const TEMPLATE = `{{- if .Values.dashboards.enabled }}
{{- range $path, $_ := .Files.Glob "dashboards/*.json" }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "system-monitoring.fullname" $ }}-dashboard-{{ base $path | trimSuffix ".json" }}
  namespace: {{ $.Release.Namespace | quote }}
  labels:
    {{- include "system-monitoring.labels" $ | nindent 4 }}
    app.kubernetes.io/component: dashboard
    {{- with $.Values.dashboards.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with merge (dict) $.Values.dashboards.annotations $.Values.commonAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
data:
  {{ base $path }}: |-
    {{- $.Files.Get $path | nindent 4 }}
{{- end }}
{{- end }}
`;

/** @param dashboards file name → JSON. */
export function addDashboards(chart: HelmChart, dashboards: ReadonlyMap<string, string>): void {
  chart.addFile('templates/dashboards.yaml', TEMPLATE);
  for (const [name, json] of dashboards) chart.addFile(`dashboards/${name}`, json);
}
