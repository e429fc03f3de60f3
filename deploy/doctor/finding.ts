/** What a check of the doctor's says, and how a list of them reads. */

export interface Finding {
  readonly what: string;
  readonly level: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do, unless it is well. */
  readonly fix?: string;
}

const MARKS = { ok: '✓', warn: '!', fail: '✗' } as const;

export function report(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ what }) => what.length));
  return findings
    .map(({ what, level, found, fix }) => {
      const line = `${MARKS[level]} ${what.padEnd(width)}  ${found}`;
      return fix === undefined ? line : `${line}\n${' '.repeat(width + 4)}→ ${fix}`;
    })
    .join('\n');
}

/** 'v1.36.3' → [1, 36] */
export const numbers = (version: string): readonly number[] =>
  (/(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
