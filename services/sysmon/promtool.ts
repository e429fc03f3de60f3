/** What promtool says of a rule file, where there is one. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';

export interface Verdict {
  readonly ok: boolean;
  /** What it printed, without what says nothing. */
  readonly says: readonly string[];
}

/** `undefined` where promtool is not on the PATH. */
export function promtoolCheck(file: string, text: string): Verdict | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'sysmon-'));
  try {
    const given = join(directory, 'rules.yaml');
    writeFileSync(given, ruleFileOf(text));
    const { error, status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', given], { encoding: 'utf8' });
    if (error !== undefined) return undefined;
    const lines = `${stdout}\n${stderr}`.split('\n').map((line) => line.trim().replaceAll(given, file));
    return { ok: status === 0, says: lines.filter((line) => line !== '' && !/^(?:Checking |FAILED:$)/.test(line)) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** promtool reads no PrometheusRule, but what is in one. */
function ruleFileOf(text: string): string {
  if (!/^kind: *["']?PrometheusRule\b/m.test(text)) return text;
  try {
    return stringify((parse(text) as { readonly spec?: unknown }).spec ?? {});
  } catch {
    // What is no YAML is promtool's to say.
    return text;
  }
}
