/** How moments, spans and tables are written for a terminal. */
import { oneLine } from '#runtime/log.ts';

/** Every table fits in so many characters. */
const WIDTH = 120;
const GAP = '  ';
const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const;

/** Of what others wrote, what a terminal would take for a command, the end of a line or a change of direction. */
const DECEPTIVE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

export interface Column {
  readonly title: string;
  /** The column may be cut down to so many characters if the table is too wide; later columns are cut first. */
  readonly atLeast?: number;
}

/** A line for the titles, and one for each row. */
export function tableOf(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => [...(row[i] ?? '')].length)));
  let excess = widths.reduce((sum, width) => sum + width, GAP.length * (columns.length - 1)) - WIDTH;
  for (const [i, { atLeast }] of [...columns.entries()].reverse()) {
    const width = widths[i] ?? 0;
    const cut = atLeast === undefined ? 0 : Math.max(0, Math.min(excess, width - atLeast));
    widths[i] = width - cut;
    excess -= cut;
  }
  return cells.map((row) =>
    row
      .map((cell, i) => fitted(cell, widths[i] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

/** JSON for a program that reads it, harmless on a terminal. */
export function jsonOf(document: object): string {
  return JSON.stringify(document, undefined, 2).split('\n').map(oneLine).join('\n');
}

export function printable(text: string): string {
  return text.replace(DECEPTIVE, '\ufffd');
}

/** 750 s → 12m30s: the two largest units. */
export function spanOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  if (first < 0) return '0s';
  const parts = UNITS.slice(first, first + 2).map(([unit, size], i) => {
    const of = i === 0 ? seconds : seconds % (UNITS[first]?.[1] ?? 1);
    return [Math.floor(of / size), unit] as const;
  });
  return parts.map(([amount, unit], i) => (i > 0 && amount === 0 ? '' : `${amount}${unit}`)).join('');
}

/** 01-07 12:00:00, of universal time. */
export function momentOf(ms: number): string {
  return new Date(ms).toISOString().slice(5, 19).replace('T', ' ');
}

function fitted(text: string, width: number): string {
  const characters = [...text];
  return characters.length > width
    ? `${characters.slice(0, width - 1).join('')}…`
    : text + ' '.repeat(width - characters.length);
}
