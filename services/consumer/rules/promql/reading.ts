/** The text of one expression while it is read, and what is wrong with it. */
import type { SyntaxNode } from '@lezer/common';

export interface Problem {
  /** Characters into the text. */
  readonly offset: number;
  /** What is wrong, and what was expected or what to do instead. */
  readonly message: string;
  /** Whether it is right in Prometheus, and this engine cannot judge it. */
  readonly unsupported: boolean;
}

export class Reading {
  readonly text: string;
  /** What every series has as `job`. */
  readonly job: string;
  readonly problems: Problem[] = [];

  constructor(text: string, job: string) {
    this.text = text;
    this.job = job;
  }

  textOf(node: { readonly from: number; readonly to: number }): string {
    return this.text.slice(node.from, node.to);
  }

  /** Notes a mistake; returns `undefined` so that a reader can end with it. */
  refuse(node: Pick<SyntaxNode, 'from'>, message: string): undefined {
    this.problems.push({ offset: node.from, message, unsupported: false });
    return undefined;
  }

  /** Notes what Prometheus would take. */
  unsupported(node: Pick<SyntaxNode, 'from'>, message: string): undefined {
    this.problems.push({ offset: node.from, message, unsupported: true });
    return undefined;
  }
}

export function childrenOf(node: SyntaxNode | null | undefined): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node?.firstChild ?? null; child !== null; child = child.nextSibling) {
    if (child.name !== 'LineComment') children.push(child);
  }
  return children;
}
