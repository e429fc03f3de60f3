/**
 * Templates in labels and annotations, the part of Go's text/template that rules are written with:
 *
 *   {{ $value }}   {{ $labels.device }}   {{ $value | humanize }}   {{ humanize $value }}
 *   {{ $value | printf "%.1f" }}   {{ printf "%.1f%% of %s" $value $labels.device }}
 *
 *   pipeline = command *( "|" command )          the value on the left becomes the last argument on the right
 *   command  = operand / function *operand
 *   operand  = "$value" / "$labels." name / string / "(" pipeline ")"
 *
 * Everything else is refused when the rule is loaded, with its place, instead of printing an error into an alert.
 */
import { unquote } from './promql/literals.ts';
import { call, constant, type Expression, KNOWN, print, Refusal, type Scope } from './template-call.ts';

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
  const parts: Expression[] = [];
  let at = 0;
  try {
    for (let open = text.indexOf('{{'); open >= 0; open = text.indexOf('{{', at)) {
      if (open > at) parts.push(constant(text.slice(at, open)));
      const action = new Action(text, open + 2);
      parts.push(action.run());
      at = action.end;
    }
  } catch (error) {
    if (error instanceof Refusal)
      return { problem: { offset: error.offset, message: error.message, unsupported: error.unsupported } };
    throw error;
  }
  if (at < text.length) parts.push(constant(text.slice(at)));
  const expand = (scope: Scope) => parts.map((part) => print(part, scope)).join('');
  return { template: { constant: at === 0 ? text : undefined, expand } };
}

interface Token {
  readonly kind: 'value' | 'label' | 'string' | 'name' | 'pipe' | 'open' | 'close' | 'end';
  readonly offset: number;
  readonly text: string;
}

const TOKENS: readonly [kind: Token['kind'], pattern: RegExp][] = [
  ['end', /}}/y],
  ['value', /\$value(?![\w.])/y],
  ['label', /\$labels\.[A-Za-z_]\w*(?![\w.])/y],
  ['string', /"(?:\\.|[^"\\\n])*"|`[^`]*`/y],
  ['name', /[A-Za-z]\w*/y],
  ['pipe', /\|/y],
  ['open', /\(/y],
  ['close', /\)/y],
];

/** What stands between one `{{` and its `}}`. */
class Action {
  readonly #text: string;
  #at: number;
  #token: Token;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
    this.#token = this.#scan();
  }

  /** Just behind the `}}`. */
  get end(): number {
    return this.#at;
  }

  run(): Expression {
    return this.#pipeline('end');
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
    if (start.kind !== 'name') {
      const operand = this.#operand();
      if (operand === undefined)
        throw new Refusal(start.offset, `expected a value, got ${this.#shown()}: known are ${KNOWN}`);
      if (piped !== undefined) throw new Refusal(start.offset, `"|" leads into a function: known are ${KNOWN}`);
      return operand;
    }
    this.#advance();
    const args: Expression[] = [];
    for (let operand = this.#operand(); operand !== undefined; operand = this.#operand()) args.push(operand);
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
    if (kind !== 'value' && kind !== 'label' && kind !== 'string') return undefined;
    this.#advance();
    if (kind === 'value') return { type: 'number', evaluate: (scope) => scope.value };
    if (kind === 'label') {
      const name = text.slice('$labels.'.length);
      return { type: 'text', evaluate: (scope) => scope.label(name) };
    }
    const string = unquote(text);
    if ('problem' in string) throw new Refusal(offset, string.problem);
    return constant(string.value);
  }

  #advance(): void {
    this.#token = this.#scan();
  }

  #scan(): Token {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
    const offset = this.#at;
    if (offset >= this.#text.length) throw new Refusal(this.#text.lastIndexOf('{{'), 'this {{ has no }}');
    for (const [kind, pattern] of TOKENS) {
      pattern.lastIndex = offset;
      const [text] = pattern.exec(this.#text) ?? [];
      if (text === undefined) continue;
      this.#at += text.length;
      return { kind, offset, text };
    }
    const [word = ''] = /^[^\s}|()]*/.exec(this.#text.slice(offset)) ?? [];
    throw new Refusal(offset, `"${word}" is not supported in a template: known are ${KNOWN}`);
  }

  #shown(): string {
    return this.#token.kind === 'end' ? 'its end' : `"${this.#token.text}"`;
  }
}
