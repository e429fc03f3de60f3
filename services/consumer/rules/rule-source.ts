/**
 * A rule file's YAML with places: every value knows where in the file it stands, so that a problem inside an expression
 * is told by the line and column a person has to go to. Scalars are read as text, whatever they look like; the reader
 * of each field knows what it wants.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, Scalar } from 'yaml';
import { didYouMean } from './nearest.ts';

/** A value of the file as text. */
export interface Text {
  readonly value: string;
  readonly node: Scalar;
}

interface Problem {
  readonly offset: number;
  readonly message: string;
  /** Right in Prometheus, and not judged here: it costs its rule, not the file. */
  readonly unsupported: boolean;
}

export class RuleSource {
  /** Which rule is being read; problems bear its name. */
  subject: string | undefined;
  /** What every series has as `job`. */
  readonly job: string;
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;
  readonly #problems: Problem[] = [];

  constructor(text: string, job: string) {
    this.#text = text;
    this.job = job;
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, schema: 'failsafe' });
    for (const error of this.#document.errors)
      this.#problems.push({ offset: error.pos[0], message: `not YAML: ${error.message}`, unsupported: false });
  }

  /** The file's content; `undefined` if it is empty, or not YAML. */
  get root(): Node | undefined {
    return this.#problems.length > 0 ? undefined : (this.#document.contents ?? undefined);
  }

  /** How many problems were noted so far. */
  get count(): number {
    return this.#problems.length;
  }

  /** Each mistake as `line:column: message`, in the order of the file. */
  mistakes(): readonly string[] {
    return this.#told((problem) => !problem.unsupported);
  }

  /** The same of what is no mistake, but not supported. */
  unsupported(): readonly string[] {
    return this.#told((problem) => problem.unsupported);
  }

  /** `line:column` */
  placeOf(node: Node): string {
    return this.#placeAt(node.range?.[0] ?? 0);
  }

  /** Notes a mistake of the node; returns `undefined` so that a reader can end with it. */
  refuse(node: Node, message: string): undefined {
    return this.#refuseAt(node.range?.[0] ?? 0, message, false);
  }

  /** Notes that the node is not supported. */
  refuseUnsupported(node: Node, message: string): undefined {
    return this.#refuseAt(node.range?.[0] ?? 0, message, true);
  }

  /** Notes a problem of the character that many characters into the text's value. */
  refuseInside({ value, node }: Text, { offset, message, unsupported }: Problem): undefined {
    return this.#refuseAt(this.#offsetInFile(node, value, offset), message, unsupported);
  }

  /** The fields of a mapping by name. What is not known is refused. */
  fields<Name extends string>(node: Node, what: string, known: readonly Name[]): ReadonlyMap<Name, Node> | undefined {
    const entries = this.entries(node, what);
    if (entries === undefined) return undefined;
    const fields = new Map<string, Node>();
    for (const { key, value } of entries) {
      if (!(known as readonly string[]).includes(key.value))
        this.refuse(key.node, unknownField(key.value, what, known));
      fields.set(key.value, value);
    }
    return fields as ReadonlyMap<string, Node> as ReadonlyMap<Name, Node>;
  }

  /** What a mapping holds, keys as text; none for a field left empty. */
  entries(node: Node, what: string): readonly { readonly key: Text; readonly value: Node }[] | undefined {
    const target = this.#resolve(node);
    if (isEmpty(target)) return [];
    if (!isMap(target)) return this.refuse(node, `${what}: expected "key: value" lines`);
    const entries = [];
    for (const pair of target.items) {
      const key = pair.key as Node;
      const name = this.text(key, `a key of ${what}`);
      if (name !== undefined) entries.push({ key: name, value: (pair.value as Node | null) ?? emptyAt(key) });
    }
    return entries;
  }

  /** The items of a list; none for a field left empty. */
  items(node: Node, what: string): readonly Node[] | undefined {
    const target = this.#resolve(node);
    if (isEmpty(target)) return [];
    return isSeq(target) ? (target.items as Node[]) : this.refuse(node, `${what}: expected a list, "- …" lines`);
  }

  text(node: Node, what: string): Text | undefined {
    const target = this.#resolve(node);
    if (!isScalar(target)) return this.refuse(node, `${what}: expected a text`);
    return { value: String(target.value ?? ''), node: target };
  }

  #refuseAt(offset: number, message: string, unsupported: boolean): undefined {
    const subject = this.subject === undefined ? '' : `${this.subject}: `;
    this.#problems.push({ offset, message: `${subject}${message}`, unsupported });
    return undefined;
  }

  #told(which: (problem: Problem) => boolean): readonly string[] {
    const inOrder = this.#problems.filter(which).sort((a, b) => a.offset - b.offset);
    return inOrder.map(({ offset, message }) => `${this.#placeAt(offset)}: ${message}`);
  }

  #placeAt(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${line}:${col}`;
  }

  #resolve(node: Node): Node {
    return isAlias(node) ? ((node.resolve(this.#document) as Node | undefined) ?? node) : node;
  }

  /**
   * Where a character of a scalar's value stands in the file. Quoting, folding and indentation only ever add or change
   * white space, quotes and backslashes, so the n-th other character of the value is the n-th other one of the source.
   */
  #offsetInFile(node: Scalar, value: string, offset: number): number {
    let at = node.range?.[0] ?? 0;
    const end = node.range?.[1] ?? at;
    const block = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
    if (block) at = this.#text.indexOf('\n', at) + 1;
    else if (node.type !== Scalar.PLAIN) at++;
    for (let left = value.slice(0, offset).replaceAll(/\s/g, '').length; at < end; at++) {
      const doubled = node.type === Scalar.QUOTE_SINGLE && this.#text.startsWith("''", at);
      const escaped = node.type === Scalar.QUOTE_DOUBLE && this.#text[at] === '\\';
      if (doubled || escaped) at++;
      if (/\s/.test(this.#text[at] ?? '') || (escaped && /[nrt\s]/.test(this.#text[at] ?? ''))) continue;
      if (left-- === 0) break;
    }
    return at;
  }
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.type === Scalar.PLAIN && /^(?:|~|null)$/i.test(String(node.value ?? ''));
}

/** Stands for the value that a key does not have, at the key's place. */
function emptyAt(key: Node): Scalar {
  const empty = new Scalar('');
  empty.type = Scalar.PLAIN;
  if (key.range) empty.range = key.range;
  return empty;
}

function unknownField(name: string, what: string, known: readonly string[]): string {
  return `${what} has no field "${name}", only ${known.join(', ')}${didYouMean(name, known)}`;
}
