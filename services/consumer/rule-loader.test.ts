import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLog } from '#runtime/log.ts';
import { createConsumerMetrics } from './metrics.ts';
import { RuleFiles } from './rule-files.ts';
import { RuleLoader } from './rule-loader.ts';
import { createJudge } from './rules/judge.ts';

const rulesOf = (...rules: string[]) => `groups: [{ name: g, rules: [${rules.join()}] }]`;
const A = '{ alert: A, expr: node_load1 > 1, labels: { severity: info } }';
const FLEET = '{ alert: Fleet, expr: sum(node_load1) > 1 }';

test('rules follow their file; one with a mistake changes nothing, is told line by line, once, and shows on /metrics', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'rules-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'rules.yaml');
  const write = (text: string) => writeFileSync(file, text);
  write(rulesOf(A));
  const files = new RuleFiles([file]);
  const first = files.load() ?? assert.fail();
  const judge = createJudge(first.rules);
  const metrics = createConsumerMetrics({ judge, state: { nodes: () => [] }, fresh: () => true });
  const logged: string[] = [];
  const loader = new RuleLoader({
    files,
    follow: (rules) => void judge.follow(rules),
    metrics,
    log: createLog('test', 'info', { write: (line) => void logged.push(line) }),
    now: () => 7000,
  });
  loader.loaded(first);
  const shown = async () => {
    const text = await metrics.registry.metrics();
    const names = ['loaded', 'refused', 'last_reload_successful', 'last_reload_success_timestamp_seconds'];
    return names.map((name) => Number(new RegExp(`^sysmon_rules_${name} (.*)$`, 'm').exec(text)?.[1]));
  };
  assert.deepEqual(await shown(), [1, 0, 1, 7]);
  assert.match(
    await metrics.registry.metrics(),
    /^sysmon_alert_transitions_total\{alertname="A",severity="info",state="firing"\} 0$/m,
  );

  write(rulesOf(A, A.replace('A,', 'B,'), FLEET));
  loader.look();
  assert.deepEqual(await shown(), [2, 1, 1, 7]);
  assert.match(loader.refused[0] ?? '', /rules\.yaml:1:\d+: Fleet: expr: this sum would mix nodes/);

  logged.length = 0;
  write(rulesOf('{ alert: A, expr: node_load1 > }', '{ alert: B, exp: node_load1 > 1 }'));
  for (let i = 0; i < 3; i++) loader.look(i === 2);
  assert.deepEqual(await shown(), [2, 1, 0, 7]);
  const told = logged.map((line) => JSON.parse(line)).map(({ level, mistake }) => `${level} ${mistake}`);
  assert.ok(told.length >= 2 && told.every((line) => /^error .*rules\.yaml:1:\d+: /.test(line)), told.join('\n'));
  assert.equal(new Set(told).size, told.length);

  write(rulesOf(A));
  loader.look();
  assert.deepEqual(await shown(), [1, 0, 1, 7]);
});
