/**
 * Prometheus' regular expressions (RE2's syntax, https://github.com/google/re2/wiki/Syntax) as JavaScript's.
 *
 * Most of the two is the same; what differs is either written anew here (escapes, literal braces, ASCII-only `\s`) or
 * refused with its place, because a pattern that means something else silently is worse than none. Patterns are anchored
 * at both ends, and a dot matches a line break too, as in Prometheus 3. JavaScript backtracks where RE2 does not: a
 * pattern such as `(a+)+` can be slow on a long label.
 */

export type Translated =
  | { readonly regexp: RegExp }
  | { readonly problem: { readonly at: number; readonly message: string; readonly unsupported: boolean } };

/** @param use labels match as a whole, and a dot a line break, too; templates search, as Go does by itself. */
export function translateRegexp(pattern: string, use: 'label' | 'template' = 'label'): Translated {
  const [, flags = ''] = /^\(\?([is]+)\)/.exec(pattern) ?? [];
  const body = flags === '' ? 0 : flags.length + 3;
  const translation = new Translation(pattern, body);
  try {
    const translated = translation.run();
    const all = `${flags.includes('i') ? 'i' : ''}${flags.includes('s') || use === 'label' ? 's' : ''}u`;
    return { regexp: use === 'label' ? new RegExp(`^(?:${translated})$`, all) : new RegExp(translated, `g${all}`) };
  } catch (error) {
    if (error instanceof Refusal)
      return { problem: { at: error.at, message: error.message, unsupported: error.unsupported } };
    const reason = error instanceof Error ? error.message.replace(/^.*: /, '') : String(error);
    return { problem: { at: 0, message: `not a regular expression: ${reason}`, unsupported: false } };
  }
}

/** `$1`, `${1}`, `$name`, `${name}` and `$$`, as Go's regexp expands them: a group that is not there is empty. */
export function expandMatch(replacement: string, match: RegExpExecArray): string {
  return replacement.replaceAll(/\$(?:(\$)|(\w+)|\{(\w+)\})/g, (_, dollar, plain, braced) => {
    if (dollar !== undefined) return '$';
    const name: string = plain ?? braced;
    return (/^\d+$/.test(name) ? match[Number(name)] : match.groups?.[name]) ?? '';
  });
}

class Refusal extends Error {
  readonly at: number;
  /** Whether RE2 knows it. */
  readonly unsupported: boolean;
  constructor(at: number, message: string, unsupported = false) {
    super(message);
    this.at = at;
    this.unsupported = unsupported;
  }
}

/** RE2 refuses to repeat more often. */
const MAX_REPEAT = 1000;
const SYNTAX = /[\^$\\.*+?()[\]{}|/]/;
const SPACE = '\\t\\n\\f\\r ';

/** One pass over the pattern, from `at` on. */
class Translation {
  readonly #pattern: string;
  #at: number;

  constructor(pattern: string, at: number) {
    this.#pattern = pattern;
    this.#at = at;
  }

  run(): string {
    let out = '';
    while (this.#at < this.#pattern.length) out += this.#next();
    return out;
  }

  #next(): string {
    const rest = this.#pattern.slice(this.#at);
    if (rest.startsWith('\\')) return this.#escape(false);
    if (rest.startsWith('[')) return this.#class();
    if (rest.startsWith('(?')) return this.#group(rest);
    if (rest.startsWith('{')) return this.#brace(rest);
    const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
    this.#at += character.length;
    return character === '}' || character === ']' ? `\\${character}` : character;
  }

  #group(rest: string): string {
    const [opening] = /^\(\?(i?):|^\(\?P?<\w+>/.exec(rest) ?? [];
    if (opening === undefined) {
      const known = /^\(\?[imsU-]+[:)]/.test(rest);
      const message = `"${rest.slice(0, 3)}" is not supported: use (…), (?:…), or (?i) at the beginning`;
      throw new Refusal(this.#at, message, known);
    }
    this.#at += opening.length;
    return opening.replace('(?P<', '(?<');
  }

  /** A brace that does not say how often stands for itself. */
  #brace(rest: string): string {
    const [repeat, min, max] = /^\{(\d+)(?:,(\d*))?\}/.exec(rest) ?? [];
    this.#at += repeat?.length ?? 1;
    if (repeat === undefined) return '\\{';
    if (Math.max(Number(min), Number(max ?? 0)) > MAX_REPEAT) {
      throw new Refusal(this.#at - repeat.length, `${repeat} repeats more than ${MAX_REPEAT} times`);
    }
    return repeat;
  }

  #class(): string {
    const start = this.#at;
    let out = this.#pattern[start + 1] === '^' ? '[^' : '[';
    this.#at += out.length;
    for (let first = true; ; first = false) {
      const rest = this.#pattern.slice(this.#at);
      if (rest === '') throw new Refusal(start, 'this [ has no ]');
      if (rest.startsWith(']') && !first) break;
      if (/^\[[:.=]/.test(rest))
        throw new Refusal(this.#at, `"${rest.slice(0, 2)}" is not supported: write the characters`, true);
      if (rest.startsWith('\\')) {
        const escaped = this.#escape(true);
        out += escaped;
        // After a class such as \w a hyphen makes no range; JavaScript wants to be told.
        if (/^\\[dDwW]$|^\\t\\n/.test(escaped) && this.#pattern[this.#at] === '-') {
          out += '\\-';
          this.#at++;
        }
        continue;
      }
      const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
      this.#at += character.length;
      const edge = first || this.#pattern[this.#at] === ']';
      out +=
        (character === '-' && edge) || (character !== '-' && SYNTAX.test(character)) ? `\\${character}` : character;
    }
    this.#at++;
    return `${out}]`;
  }

  #escape(inClass: boolean): string {
    const at = this.#at;
    const rest = this.#pattern.slice(at + 1);
    const [hex, digits, braced] = /^x(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]{1,6})\})/.exec(rest) ?? [];
    if (hex !== undefined) {
      this.#at += 1 + hex.length;
      return `\\u{${digits ?? braced}}`;
    }
    const escaped = rest[0];
    if (escaped === undefined) throw new Refusal(at, 'a backslash at the end escapes nothing');
    this.#at += 2;
    if (/[nrtfvdDwW]/.test(escaped)) return `\\${escaped}`;
    if (escaped === 'a') return '\\x07';
    if (escaped === 's') return inClass ? SPACE : `[${SPACE}]`;
    if (!inClass && escaped === 'S') return `[^${SPACE}]`;
    if (!inClass && /[bB]/.test(escaped)) return `\\${escaped}`;
    if (/[a-zA-Z0-9]/.test(escaped) || escaped > '\x7f') {
      const known = /[ACDQSWbBdpPswz]/.test(escaped);
      throw new Refusal(at, `"\\${escaped}" is not supported${inClass ? ' inside [ ]' : ''}`, known);
    }
    return SYNTAX.test(escaped) || (inClass && escaped === '-') ? `\\${escaped}` : escaped;
  }
}
