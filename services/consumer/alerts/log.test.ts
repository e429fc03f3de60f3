import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Counter } from 'prom-client';
import { PipelineError } from '#runtime/errors.ts';
import { createLog } from '#runtime/log.ts';
import { createAlertLog } from './log.ts';
import type { Transition } from './transition.ts';

const FIRING: Transition = {
  alertId: '0123456789abcdef',
  alertname: 'Busy',
  state: 'firing',
  cluster: 'c',
  node: 'n',
  severity: 'critical',
  since: 0,
  time: 5000,
  value: 0.97,
  wasFiring: true,
  reason: undefined,
  late: false,
  labels: { alertname: 'Busy', severity: 'critical' },
  annotations: { summary: 'busy' },
  evidence: { group: 'g', expr: 'x > 0.9', forMs: 0, keepFiringForMs: 0, windowMs: undefined, threshold: undefined },
};
const COORDINATES = { topic: 'system.metrics', partition: 3, offset: 7 };

function setUp(t: TestContext, file = 'alerts.log') {
  const directory = mkdtempSync(join(tmpdir(), 'alerts-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, file);
  const stdout: string[] = [];
  const logged: string[] = [];
  const labelNames = ['alertname', 'severity', 'state'] as const;
  const alertTransitions = new Counter({ name: 'transitions_total', help: 'x', labelNames, registers: [] });
  const alertLogFailures = new Counter({ name: 'failures_total', help: 'x', registers: [] });
  const clock = { now: 0 };
  const create = () =>
    createAlertLog({
      file: path,
      stdout: (line) => void stdout.push(line),
      log: createLog('test', 'error', { write: (line) => void logged.push(line) }),
      metrics: { alertTransitions, alertLogFailures },
      monotonic: () => clock.now,
    });
  const lines = (of = path) => readFileSync(of, 'utf8').split('\n').filter(Boolean);
  return { path, clock, create, stdout, logged, lines, alertTransitions, alertLogFailures };
}

test('a transition is one JSON line, the same on standard output and in the file', (t) => {
  const { create, stdout, lines } = setUp(t);
  create().tell(FIRING, COORDINATES);
  assert.equal(stdout.join(''), `${lines().join('\n')}\n`);
  const { time, ...line } = JSON.parse(lines()[0] ?? '');
  assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.deepEqual(line, {
    level: 'error',
    service: 'consumer',
    event: 'alert',
    alert: 'Busy',
    state: 'firing',
    count: 1,
    cluster: 'c',
    node: 'n',
    severity: 'critical',
    value: 0.97,
    since: '1970-01-01T00:00:00.000Z',
    eventTime: '1970-01-01T00:00:05.000Z',
    alertId: '0123456789abcdef',
    labels: { alertname: 'Busy', severity: 'critical' },
    annotations: { summary: 'busy' },
    evidence: { group: 'g', expr: 'x > 0.9', forMs: 0, keepFiringForMs: 0, wasFiring: true, ...COORDINATES },
    msg: 'alert firing',
  });
});

const LEVELS: readonly [state: Transition['state'], severity: string, level: string][] = [
  ['firing', 'critical', 'error'],
  ['firing', 'warning', 'warn'],
  ['firing', 'whatever', 'warn'],
  ['firing', 'info', 'info'],
  ['pending', 'critical', 'info'],
  ['resolved', 'critical', 'info'],
];

for (const [state, severity, level] of LEVELS) {
  test(`a ${severity} alert that becomes ${state} is logged as ${level}`, (t) => {
    const { create, lines } = setUp(t);
    create().tell({ ...FIRING, state, severity }, COORDINATES);
    assert.equal(JSON.parse(lines()[0] ?? '').level, level);
  });
}

test('after a rotation, by renaming or by truncating, lines go to the file under its name', (t) => {
  const { create, path, lines } = setUp(t);
  const log = create();
  log.tell({ ...FIRING, value: 1 }, COORDINATES);
  renameSync(path, `${path}.1`);
  log.tell({ ...FIRING, value: 2 }, COORDINATES);
  assert.deepEqual(
    [lines(`${path}.1`), lines()].flat().map((line) => JSON.parse(line).value),
    [1, 2],
  );
  truncateSync(path);
  log.tell({ ...FIRING, value: 3 }, COORDINATES);
  assert.deepEqual(
    lines().map((line) => JSON.parse(line).value),
    [3],
  );
});

test('a line that was begun and not ended, by a kill or a full disk, does not swallow the next', (t) => {
  const { create, path, lines } = setUp(t);
  create().tell({ ...FIRING, value: 1 }, COORDINATES);
  appendFileSync(path, '{"level":"error","ti');
  const log = create();
  log.tell({ ...FIRING, value: 2 }, COORDINATES);
  log.tell({ ...FIRING, value: 3 }, COORDINATES);
  const [first, torn, ...rest] = lines();
  assert.equal(torn, '{"level":"error","ti');
  assert.deepEqual(
    [first, ...rest].map((line) => JSON.parse(line ?? '').value),
    [1, 2, 3],
  );
});

test('hostile labels and annotations forge neither a line nor a level', (t) => {
  const { create, lines } = setUp(t);
  const hostile = '"}\n{"level":"error","time":"x","alert":"Forged"}\n\u2028\u2029\u0085\r\u001b[2J\u202e\ud800';
  const node = `n${hostile}`;
  create().tell(
    { ...FIRING, severity: 'info', node, labels: { level: hostile }, annotations: { [hostile]: hostile } },
    COORDINATES,
  );
  assert.equal(lines().length, 1);
  assert.match(lines()[0] ?? '', /^[\x20-\x7e]+$/);
  const line = JSON.parse(lines()[0] ?? '');
  assert.deepEqual([line.level, line.alert, line.node, line.labels.level], ['info', 'Busy', node, hostile]);
});

test('a value that JSON cannot hold is written as text', (t) => {
  const { create, lines } = setUp(t);
  create().tell({ ...FIRING, value: Number.POSITIVE_INFINITY }, COORDINATES);
  create().tell({ ...FIRING, value: Number.NaN }, COORDINATES);
  assert.deepEqual(
    lines().map((line) => JSON.parse(line).value),
    ['Infinity', 'NaN'],
  );
});

test('a file that cannot be written at start is a mistake in the configuration', (t) => {
  const { create } = setUp(t, 'no/such/directory/alerts.log');
  assert.throws(
    create,
    (error) => error instanceof PipelineError && /^ALERT_LOG=.*expected a file/.test(error.message),
  );
});

test('a file that cannot be written later is counted and told, and standard output has the line', async (t) => {
  const { create, path, stdout, logged, alertLogFailures } = setUp(t);
  const log = create();
  rmSync(join(path, '..'), { recursive: true });
  log.tell(FIRING, COORDINATES);
  assert.equal(stdout.length, 1);
  assert.equal((await alertLogFailures.get()).values[0]?.value, 1);
  assert.match(logged[0] ?? '', /"msg":"alert not written to its file"/);
});

test('what is past, or only watches, is no trouble now', (t) => {
  const { create, lines } = setUp(t);
  const log = create();
  log.tell({ ...FIRING, late: true }, COORDINATES);
  log.tell({ ...FIRING, severity: 'none', node: '' }, { ...COORDINATES, offset: undefined });
  const [late, watchdog] = lines().map((line) => JSON.parse(line));
  assert.deepEqual(
    [late.level, late.late, watchdog.level, 'late' in watchdog, 'node' in watchdog],
    ['info', true, 'info', false, false],
  );
});

test('in a storm one line stands for many, and lines add up to what is counted', async (t) => {
  const { create, clock, lines, alertTransitions } = setUp(t);
  const log = create();
  for (let i = 0; i < 500; i++) log.tell({ ...FIRING, node: `n${i}`, time: 5000 + i }, COORDINATES);
  assert.equal(lines().length, 10);
  clock.now += 60_000;
  log.listen();
  const { time: _, nodes, ...group } = JSON.parse(lines()[10] ?? '');
  assert.deepEqual(group, {
    ...{
      level: 'error',
      service: 'consumer',
      event: 'alert',
      alert: 'Busy',
      state: 'firing',
      grouped: true,
      count: 490,
    },
    ...{ cluster: 'c', severity: 'critical', since: '1970-01-01T00:00:05.010Z', eventTime: '1970-01-01T00:00:05.499Z' },
    msg: 'alert firing, 490 more',
  });
  assert.equal(nodes.length, 20);
  for (let i = 0; i < 20; i++) log.tell({ ...FIRING, node: `n${i}` }, COORDINATES);
  log.close();
  const told = lines().reduce((sum, line) => sum + JSON.parse(line).count, 0);
  assert.deepEqual([told, (await alertTransitions.get()).values[0]?.value], [520, 520]);
});

test('each line counts once, by what it says', async (t) => {
  const { create, alertTransitions } = setUp(t);
  const log = create();
  log.tell(FIRING, COORDINATES);
  log.tell({ ...FIRING, state: 'resolved' }, COORDINATES);
  assert.deepEqual(
    (await alertTransitions.get()).values.map(({ labels, value }) => [labels.state, value]),
    [
      ['firing', 1],
      ['resolved', 1],
    ],
  );
});
