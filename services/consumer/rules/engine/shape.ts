/**
 * Which series a vector has, apart from their values. The nodes of a fleet send the same series at every event, and many
 * nodes the same as others; so labels, groups and partners are worked out once for each shape, and an event brings numbers
 * only.
 *
 * The labels that all series of a node share stand in a shape as marks, so that nodes can share it. A mark begins with
 * half a character, which no label value of an event can contain.
 */
import { identify, type Row } from '#contract/event.ts';
import { identifyLabels, type Labels } from '../labels.ts';
import { NODE_LABELS, type NodeLabel } from '../promql/ast.ts';

/** In a vector's values: the series is not there. A number that nothing on a node measures. */
export const ABSENT = -1.7976931348623155e308;

export abstract class Shape {
  readonly count: number;
  /** What was worked out of it, by what has worked it out. */
  readonly derived = new Map<object, unknown>();

  constructor(count: number) {
    this.count = count;
  }

  abstract labelsAt(row: number): Labels;
}

/** Series whose labels are given. */
export class ListShape extends Shape {
  readonly #labels: readonly Labels[];

  constructor(labels: readonly Labels[]) {
    super(labels.length);
    this.#labels = labels;
  }

  labelsAt(row: number): Labels {
    return this.#labels[row] as Labels;
  }
}

export const NO_SERIES: Shape = new ListShape([]);
/** One series without labels. */
export const UNLABELLED: Shape = new ListShape([[]]);

/** Some series of another shape. */
export class PartOfShape extends Shape {
  readonly #of: Shape;
  readonly rows: Int32Array;

  constructor(of: Shape, rows: Int32Array) {
    super(rows.length);
    this.#of = of;
    this.rows = rows;
  }

  labelsAt(row: number): Labels {
    return this.#of.labelsAt(this.rows[row] as number);
  }
}

/** Some rows of a shape; all of them without a list. */
export interface Part {
  readonly shape: Shape;
  readonly rows: Int32Array | undefined;
}

/** The series of one and behind them those of another. */
export class JoinedShape extends Shape {
  readonly #first: Shape;
  readonly #second: Shape;

  constructor(first: Shape, second: Shape) {
    super(first.count + second.count);
    this.#first = first;
    this.#second = second;
  }

  labelsAt(row: number): Labels {
    return row < this.#first.count ? this.#first.labelsAt(row) : this.#second.labelsAt(row - this.#first.count);
  }
}

/** Where the labels of a metric's series are found, sorted by name: at a place of its rows, or with the node. */
type Columns = readonly { readonly name: string; readonly place: number }[];

/** The rows that an event has of a metric: their labels, not their values. */
export class Layout extends Shape {
  readonly key: string;
  /** How many nodes have it now, each for so many metrics. */
  holders = 0;
  readonly #columns: Columns;
  readonly #width: number;
  readonly #texts: string[] = [];

  constructor(key: string, names: readonly string[], rows: readonly Row[]) {
    super(rows.length);
    this.key = key;
    this.#width = names.length;
    for (const row of rows) for (let i = 0; i < names.length; i++) this.#texts.push(row[i] as string);
    this.#columns = [...names, ...NODE_LABELS]
      .map((name, place) => ({ name, place: place < names.length ? place : -1 }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Takes the values of rows that have these labels. @returns false if they have others. */
  read(rows: readonly Row[], values: Float64Array): boolean {
    if (rows.length !== this.count) return false;
    const width = this.#width;
    const texts = this.#texts;
    let at = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as Row;
      for (let j = 0; j < width; j++) if (row[j] !== texts[at++]) return false;
      values[i] = row[width] as number;
    }
    return true;
  }

  labelsAt(row: number): Labels {
    const labels: string[] = [];
    for (const { name, place } of this.#columns) {
      const value = place < 0 ? markOf(name as NodeLabel) : (this.#texts[row * this.#width + place] as string);
      if (value !== '') labels.push(name, value);
    }
    return labels;
  }
}

export function layoutKeyOf(names: readonly string[], rows: readonly Row[]): string {
  let key = `${names.join()}\n`;
  for (const row of rows) key += `${identify(row, names.length)}\n`;
  return key;
}

const MARK = '\ud800';

export function markOf(label: NodeLabel): string {
  return MARK + label;
}

export function isMark(text: string): boolean {
  return text.startsWith(MARK);
}

/** The labels as they are on a node. */
export function resolve(labels: Labels, node: Readonly<Record<NodeLabel, string>>): Labels {
  return labels.map((text, i) => (i % 2 === 1 && isMark(text) ? node[text.slice(1) as NodeLabel] : text));
}

/** What is worked out of a shape: once, and remembered with it. */
export class Derivation<T> {
  readonly #derive: (shape: Shape) => T;
  #shape: Shape | undefined;
  #last: T | undefined;

  constructor(derive: (shape: Shape) => T) {
    this.#derive = derive;
  }

  of(shape: Shape): T {
    if (shape === this.#shape) return this.#last as T;
    let known = shape.derived.get(this) as T | undefined;
    if (known === undefined) {
      known = this.#derive(shape);
      shape.derived.set(this, known);
    }
    this.#shape = shape;
    this.#last = known;
    return known;
  }
}

/** The same of two shapes. It lives as long as both. */
export class PairDerivation<T> {
  readonly #derive: (left: Shape, right: Shape) => T;
  #left: Shape | undefined;
  #right: Shape | undefined;
  #last: T | undefined;

  constructor(derive: (left: Shape, right: Shape) => T) {
    this.#derive = derive;
  }

  of(left: Shape, right: Shape): T {
    if (left === this.#left && right === this.#right) return this.#last as T;
    let ofLeft = left.derived.get(this) as WeakMap<Shape, T & object> | undefined;
    if (ofLeft === undefined) {
      ofLeft = new WeakMap();
      left.derived.set(this, ofLeft);
    }
    let known = ofLeft.get(right);
    if (known === undefined) {
      known = this.#derive(left, right) as T & object;
      ofLeft.set(right, known);
    }
    this.#left = left;
    this.#right = right;
    this.#last = known;
    return known;
  }
}

/** Rows by what they share: a number for each text, counted from 0. */
export class Numbering {
  readonly #numbers = new Map<string, number>();

  get size(): number {
    return this.#numbers.size;
  }

  of(labels: Labels): number {
    const key = identifyLabels(labels);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}
