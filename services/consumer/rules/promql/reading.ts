/** The text of one expression while it is read, and what is wrong with it. */
import type { SyntaxNode } from '@lezer/common';

export interface Problem {
  /** Characters into the text. */
  readonly offset: number;
  /** What is wrong, and what was expected or what to do instead. */
  readonly message: string;
}

export class Reading {
  readonly text: string;
  readonly problems: Problem[] = [];

  constructor(text: string) {
    this.text = text;
  }

  textOf(node: { readonly from: number; readonly to: number }): string {
    return this.text.slice(node.from, node.to);
  }

  /** Notes the problem; returns `undefined` so that a reader can end with it. */
  refuse(node: Pick<SyntaxNode, 'from'>, message: string): undefined {
    this.problems.push({ offset: node.from, message });
    return undefined;
  }
}
