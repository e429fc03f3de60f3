/** Programs that Debian packages and the tests want real: where one is missing its tests say so, but in CI they fail. */
import { spawnSync } from 'node:child_process';
import { type Running, run } from './programs.ts';

/** For `test(…, { skip })`: false if the program is there, else why it is skipped and how to get it. */
export function skipWithout(program: string, debianPackage: string): false | string {
  const { error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  if (error === undefined) return false;
  const reason = `${program} is missing: install Debian's package ${debianPackage}`;
  if (process.env.CI === 'true') throw new Error(reason);
  return reason;
}

/** What `promtool check metrics` finds in a text, one finding a line, without the names. */
export function promtoolFindings(text: string): readonly string[] {
  const { stdout, stderr, error } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  if (error !== undefined) throw error;
  return `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
}

/** Debian's node_exporter on a port of the system's choice. */
export async function startNodeExporter(): Promise<Running & { url: string }> {
  const program = run('prometheus-node-exporter', ['--web.listen-address=127.0.0.1:0']);
  const [, port] = await program.printed(/address=127\.0\.0\.1:(\d+)/);
  return { ...program, url: `http://127.0.0.1:${port}` };
}
