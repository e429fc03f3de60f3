/**
 * A ConfigMap for each dashboard, which Grafana's sidecar finds by a label. The JSON is taken as it is (`.Files.Get`): its
 * braces are Grafana's and not Helm's. There may be none.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** The generated dashboards in a folder: file name → JSON. */
export function readDashboards(folder: string): ReadonlyMap<string, string> {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return new Map(names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** @param dashboards file name → JSON. */
export function addDashboards(chart: HelmChart, dashboards: ReadonlyMap<string, string>): void {
  chart.addFile('templates/dashboards.yaml', TEMPLATE);
  for (const [name, json] of dashboards) chart.addFile(`dashboards/${name}`, json);
}
