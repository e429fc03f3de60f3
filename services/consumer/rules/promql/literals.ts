/** PromQL's numbers and strings, read as Prometheus reads them (Go's strconv, and durations as seconds). */
import { parseDuration } from '../duration.ts';

/** `undefined` if the text is no number. Prometheus 3 takes a duration for its seconds: `5m` is 300. */
export function readNumber(text: string): number | undefined {
  const sign = /^\s*([+-]?)\s*(.*?)\s*$/s.exec(text) ?? [];
  const value = readUnsigned(sign[2] ?? '');
  return value !== undefined && sign[1] === '-' ? -value : value;
}

function readUnsigned(written: string): number | undefined {
  const text = written.replaceAll('_', '').toLowerCase();
  if (text === 'inf') return Number.POSITIVE_INFINITY;
  if (text === 'nan') return Number.NaN;
  // A leading 0 makes Go read octal, where that is possible.
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  if (/^(?:0x[0-9a-f]+|(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?)$/.test(text)) return Number(text);
  const ms = parseDuration(text);
  return ms === undefined ? undefined : ms / 1000;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

/** One escape: a letter or quote, three octal digits, or x, u or U with 2, 4 or 8 hexadecimal ones. */
const ESCAPE = /\\(?:([abfnrtv\\'"])|([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]?))/g;

/** A string without its quotes, or why it is none. */
export function unquote(text: string): { readonly value: string } | { readonly problem: string } {
  const quote = text[0] ?? '';
  if (text.length < 2 || !text.endsWith(quote)) return { problem: `this string does not end: expected ${quote}` };
  const inner = text.slice(1, -1);
  if (quote === '`') return { value: inner };
  if (/(?:^|[^\\])(?:\\\\)*\\$/.test(inner)) return { problem: `this string does not end: expected ${quote}` };
  if (inner.includes('\n')) return { problem: 'a string in quotes ends on its line: write \\n, or use backquotes' };
  let problem: string | undefined;
  const value = inner.replace(ESCAPE, (written, letter, octal, hex, short, long) => {
    if (letter === '"' || letter === "'") {
      if (letter !== quote) problem ??= `${written} is no escape inside ${quote}…${quote}: write ${letter} alone`;
      return letter;
    }
    if (letter !== undefined) return ESCAPES[letter] ?? '';
    const code = octal === undefined ? Number.parseInt(hex ?? short ?? long, 16) : Number.parseInt(octal, 8);
    // Beyond ASCII, octal and \x name bytes and not characters.
    if (code <= ((short ?? long) ? 0x10ffff : 0x7f)) return String.fromCodePoint(code);
    problem ??= `${written} is no escape that this engine knows: write a backslash as \\\\, or use backquotes`;
    return '';
  });
  return problem === undefined ? { value } : { problem };
}
