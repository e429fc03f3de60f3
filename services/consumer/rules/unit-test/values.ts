/**
 * The values of a series over time, as promtool's unit tests write them: one for each interval, white space between.
 *
 *   1 -2.5 1e3 NaN -Inf     one value each
 *   1+2x3                   1 3 5 7        1-2x3   1 -1 -3 -5        7x3   7 7 7 7
 *   _ _x3                   no sample, and three without
 *   stale                   the series ends here
 *
 * https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series
 */
import { readNumber } from '../promql/literals.ts';

/** `undefined` where there is no sample. */
export type Value = number | 'stale' | undefined;

export interface Mistake {
  /** Characters into the text. */
  readonly offset: number;
  readonly message: string;
}

export const NO_HISTOGRAMS = 'histograms are not supported: no node publishes any';

/** More samples than any test has: a slip of the keyboard would otherwise fill the memory. */
const MAX_VALUES = 1_000_000;

const NUMBER = String.raw`(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?`;
const ITEM = new RegExp(`^([+-]?(?:${NUMBER}|inf|nan))(?:([+-]${NUMBER})?x(\\d+))?$`, 'i');
/** As promtool reads it, "Infx3" is a word of its own. */
const NO_ITEM = /(?:inf|nan)x/i;
const EXPECTED = 'expected values such as 1, 1+2x3, 7x3, _, _x3, stale, with white space between';

export function expandValues(text: string): { readonly values: readonly Value[] } | { readonly mistake: Mistake } {
  const values: Value[] = [];
  for (const { 0: item, index: offset } of text.matchAll(/\S+/g)) {
    const mistake = appendTo(values, item);
    if (mistake !== undefined) return { mistake: { offset, message: mistake } };
  }
  return { values };
}

function appendTo(values: Value[], item: string): string | undefined {
  if (item === 'stale') return void values.push('stale');
  if (item.startsWith('{{')) return NO_HISTOGRAMS;
  const [gap, gaps = '1'] = /^_(?:x(\d+))?$/.exec(item) ?? [];
  const [, first = '', step = '0', times = '0'] = (NO_ITEM.test(item) ? undefined : ITEM.exec(item)) ?? [];
  if (gap === undefined && first === '') return `"${item}": ${EXPECTED}`;
  const count = gap === undefined ? Number(times) + 1 : Number(gaps);
  if (values.length + count > MAX_VALUES) return `"${item}": expected no more than ${MAX_VALUES} values in all`;
  // Each value is the one before and the step, rounded each time, as promtool has them.
  let value = readNumber(first);
  const added = readNumber(step) ?? 0;
  for (let i = 0; i < count; i++) {
    values.push(gap === undefined ? value : undefined);
    if (value !== undefined) value += added;
  }
  return undefined;
}
