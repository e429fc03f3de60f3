/** The name of a series as it is written in unit tests: `node_load1{cluster="c",node="n1"}`. */
import { unquote } from '../promql/literals.ts';
import type { Mistake } from './values.ts';

export interface SeriesName {
  /** Empty if there is none. */
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
}

const METRIC = /\s*([A-Za-z_:][\w:]*)?\s*/y;
const OPEN = /\{\s*/y;
const LABEL = /([A-Za-z_]\w*)\s*=\s*("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)\s*/y;
const COMMA = /,\s*/y;
const CLOSE = /\}\s*/y;

export function readSeriesName(text: string): { readonly name: SeriesName } | { readonly mistake: Mistake } {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text) ?? undefined;
    at += found?.[0].length ?? 0;
    return found;
  };
  const labels: Record<string, string> = {};
  let metric = take(METRIC)?.[1] ?? '';
  if (take(OPEN) !== undefined) {
    for (let label = take(LABEL); label !== undefined; label = take(LABEL)) {
      const [written, name = '', quoted = ''] = label;
      const string = unquote(quoted);
      if ('problem' in string) return { mistake: { offset: at - written.length, message: string.problem } };
      if (name === '__name__') metric = string.value;
      else labels[name] = string.value;
      if (take(COMMA) === undefined) break;
    }
    if (take(CLOSE) === undefined) return { mistake: { offset: at, message: 'expected label="value" or "}" here' } };
  }
  if (at < text.length)
    return { mistake: { offset: at, message: 'expected the name of a series: metric{label="value"}' } };
  return { name: { metric, labels } };
}
