/**
 * Templates in labels and annotations, the part of Go's text/template that rules are written with:
 *
 *   {{ $value }}   {{ .Value }}   {{ $labels.device }}   {{ .Labels.device }}   {{ $value | humanize }}
 *   {{ printf "%.1f%% of %s" $value $labels.device }}   {{ if gt $value 90.0 }}…{{ else }}…{{ end }}
 *
 *   template = *( text / "{{" pipeline "}}" / conditional )
 *   conditional = "{{ if" pipeline "}}" template *( "{{ else if" pipeline "}}" template ) [ "{{ else }}" template ] "{{ end }}"
 *   pipeline = command *( "|" command )          the value on the left becomes the last argument on the right
 *   command  = operand / function *operand
 *   operand  = value / string / number / "true" / "false" / "(" pipeline ")"
 *
 * `{{-` and `-}}` take the white space beside them away. Everything else is refused when the rule is loaded, with its place,
 * instead of printing an error into an alert.
 */
import { readNumber, unquote } from './promql/literals.ts';
import { call, constant, type Expression, KNOWN, print, Refusal, type Scope, truthOf } from './template-call.ts';

export interface Template {
  /** The text if it is always the same. */
  readonly constant: string | undefined;
  readonly expand: (scope: Scope) => string;
}

export interface TemplateProblem {
  /** Characters into the text. */
  readonly offset: number;
  readonly message: string;
  /** Whether Prometheus knows it. */
  readonly unsupported: boolean;
}

export function parseTemplate(text: string): { readonly template: Template } | { readonly problem: TemplateProblem } {
  if (!text.includes('{{')) return { template: { constant: text, expand: () => text } };
  try {
    return { template: { constant: undefined, expand: new Reader(text).template() } };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { offset, message, unsupported } = error;
    return { problem: { offset, message, unsupported } };
  }
}

interface Token {
  readonly kind: 'operand' | 'string' | 'number' | 'name' | 'pipe' | 'open' | 'close' | 'end';
  readonly offset: number;
  readonly text: string;
}

const TOKENS: readonly [kind: Token['kind'], pattern: RegExp][] = [
  ['end', /(?:\s-)?\}\}/y],
  ['operand', /(?:\$|\.)[A-Za-z]\w*(?:\.[A-Za-z_]\w*)*(?![\w.])/y],
  ['string', /"(?:\\.|[^"\\\n])*"|`[^`]*`/y],
  ['number', /[+-]?(?:0x[\da-fA-F]+|(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])/y],
  ['name', /[A-Za-z]\w*/y],
  ['pipe', /\|/y],
  ['open', /\(/y],
  ['close', /\)/y],
];

type Expand = (scope: Scope) => string;
type Ending = 'end' | 'else' | undefined;

/** What a template may speak of, besides labels. There is no Prometheus to say where it is, nor labels that it adds. */
const VALUES: Readonly<Record<string, Expression>> = {
  $value: { type: 'number', evaluate: (scope) => scope.value },
  '.Value': { type: 'number', evaluate: (scope) => scope.value },
  $externalURL: constant(''),
  '.ExternalURL': constant(''),
};
const LABEL = /^(?:\$labels|\.Labels)\.(\w+)$/;
const EXTERNAL_LABEL = /^(?:\$externalLabels|\.ExternalLabels)\.\w+$/;
/** Words of Go's templates that this engine does not have. */
const UNSUPPORTED_WORDS = ['range', 'with', 'template', 'define', 'block', 'break', 'continue'];

class Reader {
  readonly #text: string;
  #at = 0;
  #token: Token = { kind: 'end', offset: 0, text: '' };
  /** The last action asked for the white space behind it to be left out. */
  #trims = false;

  constructor(text: string) {
    this.#text = text;
  }

  template(): Expand {
    const { expand, ending, offset } = this.#block();
    if (ending !== undefined) throw new Refusal(offset, `"${ending}" belongs to an "if"`);
    return expand;
  }

  /** Texts and actions up to the end of the text, or to an `else` or `end`, which has been read up to its word. */
  #block(): { readonly expand: Expand; readonly ending: Ending; readonly offset: number } {
    const parts: Expand[] = [];
    const joined: Expand = (scope) => parts.map((part) => part(scope)).join('');
    for (;;) {
      const open = this.#text.indexOf('{{', this.#at);
      const text = this.#literal(open < 0 ? this.#text.length : open);
      if (text !== '') parts.push(() => text);
      if (open < 0) return { expand: joined, ending: undefined, offset: this.#text.length };
      this.#at = open + (/^\{\{-\s/.test(this.#text.slice(open, open + 4)) ? 3 : 2);
      if (this.#skipComment(open)) continue;
      this.#advance();
      const { kind, text: word, offset } = this.#token;
      if (kind === 'name' && (word === 'end' || word === 'else')) return { expand: joined, ending: word, offset };
      if (kind === 'name' && word === 'if') parts.push(this.#conditional(open));
      else {
        const value = this.#pipeline('end');
        parts.push((scope) => print(value, scope));
      }
    }
  }

  /** The text up to an action, without the white space that actions beside it take away. */
  #literal(end: number): string {
    let text = this.#text.slice(this.#at, end);
    if (this.#trims) text = text.trimStart();
    if (/^\{\{-\s/.test(this.#text.slice(end, end + 4))) text = text.trimEnd();
    this.#at = end;
    this.#trims = false;
    return text;
  }

  #skipComment(open: number): boolean {
    const [comment] = /^\s*\/\*[\s\S]*?\*\/(\s-)?\}\}/.exec(this.#text.slice(this.#at)) ?? [];
    if (comment === undefined) return false;
    this.#at += comment.length;
    this.#trims = /\s-\}\}$/.test(this.#text.slice(open, this.#at));
    return true;
  }

  /** From behind `if` to behind the closing of its `end`. */
  #conditional(open: number): Expand {
    this.#advance();
    const condition = this.#pipeline('end');
    const then = this.#block();
    let otherwise: Expand = () => '';
    if (then.ending === undefined) throw new Refusal(open, 'this "if" has no {{ end }}');
    if (then.ending === 'else') {
      this.#advance();
      if (this.#token.kind === 'name' && this.#token.text === 'if') {
        const nested = this.#conditional(open);
        return (scope) => (truthOf(condition, scope) ? then.expand(scope) : nested(scope));
      }
      this.#close();
      const last = this.#block();
      if (last.ending !== 'end') throw new Refusal(open, 'this "if" has no {{ end }}');
      otherwise = last.expand;
    }
    this.#advance();
    this.#close();
    return (scope) => (truthOf(condition, scope) ? then.expand(scope) : otherwise(scope));
  }

  #close(): void {
    if (this.#token.kind !== 'end') throw new Refusal(this.#token.offset, `expected "}}" before ${this.#shown()}`);
  }

  #pipeline(until: 'end' | 'close'): Expression {
    let value = this.#command(undefined);
    while (this.#token.kind === 'pipe') {
      this.#advance();
      value = this.#command(value);
    }
    if (this.#token.kind !== until) {
      throw new Refusal(
        this.#token.offset,
        `expected "|" or "${until === 'end' ? '}}' : ')'}" before ${this.#shown()}`,
      );
    }
    return value;
  }

  #command(piped: Expression | undefined): Expression {
    const start = this.#token;
    const operand = this.#operand();
    if (operand !== undefined) {
      if (piped !== undefined) throw new Refusal(start.offset, `"|" leads into a function: known are ${KNOWN}`);
      return operand;
    }
    if (start.kind !== 'name') {
      throw new Refusal(start.offset, `expected a value, got ${this.#shown()}: known are ${KNOWN}`);
    }
    if (UNSUPPORTED_WORDS.includes(start.text)) {
      throw new Refusal(start.offset, `${start.text} is not supported in a template: known are ${KNOWN}`, true);
    }
    this.#advance();
    const args: Expression[] = [];
    for (let arg = this.#operand(); arg !== undefined; arg = this.#operand()) args.push(arg);
    if (piped !== undefined) args.push(piped);
    return call(start.text, start.offset, args);
  }

  #operand(): Expression | undefined {
    const { kind, text, offset } = this.#token;
    if (kind === 'open') {
      this.#advance();
      const inner = this.#pipeline('close');
      this.#advance();
      return inner;
    }
    if (kind === 'name' && (text === 'true' || text === 'false')) {
      this.#advance();
      return { type: 'truth', evaluate: () => text === 'true' };
    }
    if (kind !== 'operand' && kind !== 'string' && kind !== 'number') return undefined;
    this.#advance();
    if (kind === 'operand') return readValue(text, offset);
    if (kind === 'number') {
      const value = readNumber(text) ?? Number.NaN;
      return { type: 'number', literal: /^[+-]?\d+$/.test(text) ? 'whole' : 'decimal', evaluate: () => value };
    }
    const string = unquote(text);
    if ('problem' in string) throw new Refusal(offset, string.problem);
    return constant(string.value);
  }

  #advance(): void {
    const text = this.#text;
    const space = /\s*/y;
    space.lastIndex = this.#at;
    const skipped = space.exec(text)?.[0].length ?? 0;
    const offset = this.#at + skipped;
    if (offset >= text.length) throw new Refusal(text.lastIndexOf('{{'), 'this {{ has no }}');
    for (const [kind, pattern] of TOKENS) {
      // The closing that takes white space away begins with some.
      for (const start of kind === 'end' && skipped > 0 ? [offset - 1, offset] : [offset]) {
        pattern.lastIndex = start;
        const [found] = pattern.exec(text) ?? [];
        if (found === undefined) continue;
        this.#at = start + found.length;
        if (kind === 'end') this.#trims = found.length > 2;
        this.#token = { kind, offset, text: found };
        return;
      }
    }
    const [word = ''] = /^[^\s}|()]*/.exec(text.slice(offset)) ?? [];
    const unsupported = /^\$\w*$|^[.,:=']/.test(word);
    throw new Refusal(offset, `"${word}" is not supported in a template: known are ${KNOWN}`, unsupported);
  }

  #shown(): string {
    return this.#token.kind === 'end' ? 'its end' : `"${this.#token.text}"`;
  }
}

function readValue(text: string, offset: number): Expression {
  const [, label] = LABEL.exec(text) ?? [];
  if (label !== undefined) return { type: 'text', evaluate: (scope) => scope.label(label) };
  if (EXTERNAL_LABEL.test(text)) return constant('');
  const value = Object.hasOwn(VALUES, text) ? VALUES[text] : undefined;
  if (value !== undefined) return value;
  const known = /^(?:\$labels|\$externalLabels|\.Labels|\.ExternalLabels)$/.test(text);
  throw new Refusal(offset, `"${text}" is not supported in a template: known are ${KNOWN}`, known);
}
