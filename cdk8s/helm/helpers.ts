/** Named templates that charts need, by the names that `helm create` gives them. */

export interface Identity {
  /** The chart's name, by which its helpers are called, too. */
  readonly chart: string;
  readonly partOf: string;
}

/**
 * `<chart>.selectorLabels` and `.labels`, which read the value `commonLabels`.
 *
 * @param name an expression: what the chart calls itself
 */
export function labelHelpers({ chart, partOf }: Identity, name = '.Chart.Name'): Record<string, string> {
  return {
    [`${chart}.selectorLabels`]: `app.kubernetes.io/name: {{ ${name} | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}`,
    [`${chart}.labels`]: `helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "${chart}.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: ${partOf}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}`,
  };
}

/**
 * Besides those `<chart>.name`, `.fullname`, `.image`, `.pullSecrets`. They read the values `nameOverride`, `fullnameOverride`
 * and `global`.
 *
 * `.image` takes `(dict "root" $ "image" .Values.….image)`, `.pullSecrets` `(dict "root" $ "secrets" .Values.imagePullSecrets)`.
 */
export function standardHelpers(identity: Identity): Record<string, string> {
  const { chart } = identity;
  return {
    [`${chart}.name`]: `{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}`,
    [`${chart}.fullname`]: `{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}
{{- end }}
{{- end }}`,
    ...labelHelpers(identity, `include "${chart}.name" .`),
    [`${chart}.image`]: `{{- $registry := default .image.registry .root.Values.global.imageRegistry }}
{{- $name := empty $registry | ternary .image.repository (printf "%s/%s" $registry .image.repository) }}
{{- if .image.digest }}
{{- printf "%s@%s" $name .image.digest }}
{{- else }}
{{- printf "%s:%s" $name (default .root.Chart.AppVersion .image.tag) }}
{{- end }}`,
    [`${chart}.pullSecrets`]: `{{- with concat .root.Values.global.imagePullSecrets .secrets | uniq }}
{{- toYaml . }}
{{- end }}`,
  };
}
