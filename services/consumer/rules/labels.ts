/**
 * The labels of a series as one flat list, `name, value, name, value, …`, sorted by name and without empty values: in
 * Prometheus an empty label is a label that is not there. A flat list is the cheapest to build from an event's row, and
 * sorted it compares and identifies by plain walking. The metric's name is not among them (see `Sample`): every
 * operation but a filter drops it, and matching never looks at it.
 */
import { identify } from '#contract/event.ts';

export type Labels = readonly string[];

/** One series at one moment. Its name is there until an operation makes something else of the value. */
export interface Sample {
  readonly name: string | undefined;
  readonly labels: Labels;
  readonly value: number;
}

/** The value of a label, empty if it is not there. */
export function labelOf(labels: Labels, name: string): string {
  for (let i = 0; i < labels.length; i += 2) if (labels[i] === name) return labels[i + 1] as string;
  return '';
}

export function onlyLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return filterLabels(labels, (name) => names.has(name));
}

export function withoutLabels(labels: Labels, names: ReadonlySet<string>): Labels {
  return filterLabels(labels, (name) => !names.has(name));
}

/** The labels with others set over them. */
export function overrideLabels(labels: Labels, over: Iterable<readonly [string, string]>): Labels {
  const merged = new Map<string, string>(pairsOf(labels));
  for (const [name, value] of over) merged.set(name, value);
  return [...merged]
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flat();
}

/** A text that two lists share only if they are the same. Lengths stand before the parts, so no content forges it. */
export function identifyLabels(labels: Labels): string {
  return identify(labels, labels.length);
}

export function recordOf(labels: Labels): Record<string, string> {
  return Object.fromEntries(pairsOf(labels));
}

function* pairsOf(labels: Labels): Iterable<[string, string]> {
  for (let i = 0; i < labels.length; i += 2) yield [labels[i] as string, labels[i + 1] as string];
}

function filterLabels(labels: Labels, keep: (name: string) => boolean): Labels {
  const kept: string[] = [];
  for (let i = 0; i < labels.length; i += 2) {
    if (keep(labels[i] as string)) kept.push(labels[i] as string, labels[i + 1] as string);
  }
  return kept;
}
