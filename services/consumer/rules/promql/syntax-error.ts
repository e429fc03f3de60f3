/** The first place where a text stops being PromQL, in words. The grammar itself only marks it and reads on. */
import type { SyntaxNode, Tree } from '@lezer/common';
import type { Problem } from './reading.ts';

export function findSyntaxError(tree: Tree, text: string): Problem | undefined {
  let first: SyntaxNode | undefined;
  tree.iterate({
    enter(node) {
      if (node.type.isError && (first === undefined || node.from < first.from)) first = node.node;
      return first === undefined;
    },
  });
  if (first === undefined) return undefined;
  const gap = /^(?:\s|#[^\n]*)*/.exec(text.slice(first.from))?.[0].length ?? 0;
  const offset = first.from + gap;
  if (offset >= text.length) return { offset: text.trimEnd().length, message: whatEnded(text), unsupported: false };
  const [token = ''] = /^(?:\w+|"[^"\n]*"?|'[^'\n]*'?|.)/su.exec(text.slice(offset)) ?? [];
  const called = /([A-Za-z_]\w*)\s*$/.exec(text.slice(0, offset));
  if (token === '(' && called?.[1] !== undefined) {
    return { offset: called.index, message: `"${called[1]}" is no function of PromQL`, unsupported: false };
  }
  return { offset, message: `not PromQL: unexpected ${JSON.stringify(token)}`, unsupported: false };
}

function whatEnded(text: string): string {
  if (text.replaceAll(/#[^\n]*/g, '').trim() === '') return 'expected an expression';
  const unclosed = [...text.replaceAll(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*/g, '')].reduce(
    (open, c) => {
      if ('([{'.includes(c)) return open + c;
      return ')]}'.includes(c) ? open.slice(0, -1) : open;
    },
    '',
  );
  const missing = { '(': ')', '[': ']', '{': '}' }[unclosed.at(-1) ?? ''];
  return missing === undefined ? 'not PromQL: it ends too early' : `not PromQL: it ends before its "${missing}"`;
}
