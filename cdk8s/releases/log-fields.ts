/**
 * What Loki keeps of our consumer's JSON lines, whichever program ships them. Labels make streams, so they are few and of few values; what
 * is different for each line (and still worth a filter without parsing) is structured metadata.
 */

/** Loki labels, named as the JSON fields. */
export const LABELS = ['level', 'event', 'state', 'severity'] as const;

/** Structured metadata, named as the JSON fields. */
export const METADATA = ['node', 'cluster', 'alert', 'alertId'] as const;

/** The JSON field with the line's time, and its layout as Go names it. */
export const TIME = { field: 'time', layout: 'RFC3339Nano' } as const;

/**
 * The lines that are parsed; all others are shipped as they are. By what no value of the chart changes: `app` is what
 * nameOverride says, and others may have a container of that name, but not our lines. In double quotes: Promtail's own parser
 * of selectors knows no others.
 */
export const PARSED = String.raw`{container="consumer",component="consumer"} |= "\"service\":\"consumer\""`;

/** `{level: 'level', …}`: what the json stages take. */
export const expressions = (): Record<string, string> =>
  Object.fromEntries([...LABELS, ...METADATA, TIME.field].map((field) => [field, field]));

/** `{level: ''}`: in labels and structured metadata an empty source means the field of the same name. */
export const sameNamed = (fields: readonly string[]): Record<string, string> =>
  Object.fromEntries(fields.map((field) => [field, '']));
