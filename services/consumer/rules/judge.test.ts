import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Metrics, NodeEvent } from '#contract/event.ts';
import { createJudge, type Judge, type JudgeOverflow, type Transition } from './judge.ts';
import { parseRuleFile } from './rule-file.ts';

const INTERVAL = 5000;

function judgeOf(rules: string, options?: Parameters<typeof createJudge>[1]): Judge {
  const indented = rules.trim().replaceAll('\n', '\n      ');
  return createJudge(
    parseRuleFile(`groups:\n  - name: g\n    rules:\n      ${indented}\n`, 'test.yaml').rules,
    options,
  );
}

/** The events of one node, one each interval, from 1,000,000 ms on. */
function nodeOf(node = 'n1') {
  let seq = 0;
  return (metrics: Metrics, change: Partial<NodeEvent> = {}): NodeEvent => {
    const time = 1_000_000 + seq * INTERVAL;
    return { v: 1, cluster: 'c', node, epoch: 'e', seq: seq++, time, interval: INTERVAL, metrics, ...change };
  };
}

function told(transitions: readonly Transition[]): string[] {
  return transitions.map(({ alertname, state, value }) => `${alertname} ${state} ${value}`);
}

const BUSY = `
- alert: Busy
  expr: node_load1 > 5
  for: 10s
  labels: { severity: critical, team: infra }
  annotations: { summary: 'load {{ $value }} on {{ $labels.instance }}' }
`;

test('a life is told from pending over firing to resolved, under one id', () => {
  const judge = judgeOf(BUSY);
  const next = nodeOf();
  const lives = [1, 6, 7, 8, 9, 1].map((load) => judge.judge(next({ node_load1: load })));
  assert.deepEqual(lives.map(told), [[], ['Busy pending 6'], [], ['Busy firing 8'], [], ['Busy resolved 9']]);
  const [pending, firing, resolved] = lives.flat();
  assert.equal(firing?.alertId, pending?.alertId);
  assert.equal(resolved?.alertId, pending?.alertId);
  assert.deepEqual(firing, {
    alertId: pending?.alertId,
    alertname: 'Busy',
    state: 'firing',
    cluster: 'c',
    node: 'n1',
    severity: 'critical',
    since: 1_005_000,
    time: 1_015_000,
    value: 8,
    wasFiring: true,
    labels: {
      alertname: 'Busy',
      cluster: 'c',
      instance: 'n1',
      job: 'node-exporter',
      node: 'n1',
      severity: 'critical',
      team: 'infra',
    },
    annotations: { summary: 'load 8 on n1' },
    evidence: {
      group: 'g',
      expr: 'node_load1 > 5',
      forMs: 10_000,
      keepFiringForMs: 0,
      windowMs: undefined,
      threshold: { operator: '>', value: 5 },
    },
  });
});

test('a pending alert whose condition ends is resolved without having fired', () => {
  const judge = judgeOf(BUSY);
  const next = nodeOf();
  judge.judge(next({ node_load1: 6 }));
  const [resolved] = judge.judge(next({ node_load1: 1 }));
  assert.deepEqual([resolved?.state, resolved?.wasFiring, resolved?.value], ['resolved', false, 6]);
});

test('a second life has an id of its own', () => {
  const judge = judgeOf('- { alert: A, expr: node_load1 > 5 }');
  const next = nodeOf();
  const ids = [6, 1, 6].flatMap((load) => judge.judge(next({ node_load1: load })).map(({ alertId }) => alertId));
  assert.equal(ids.length, 3);
  assert.equal(ids[0], ids[1]);
  assert.notEqual(ids[0], ids[2]);
});

test('whoever judges the same events says the same', () => {
  const [one, two] = [judgeOf(BUSY), judgeOf(BUSY)];
  const [nextOne, nextTwo] = [nodeOf(), nodeOf()];
  for (const load of [6, 7, 8, 1, 9]) {
    assert.deepEqual(one.judge(nextOne({ node_load1: load })), two.judge(nextTwo({ node_load1: load })));
  }
});

test('an alert without severity is a warning', () => {
  const [transition] = judgeOf('- { alert: A, expr: node_load1 > 5 }').judge(nodeOf()({ node_load1: 6 }));
  assert.equal(transition?.severity, 'warning');
  assert.ok(!('severity' in (transition?.labels ?? {})));
});

test('each node and each series is judged by itself', () => {
  const judge = judgeOf('- { alert: A, expr: node_disk_io_now > 5, labels: { disk: "{{ $labels.device }}" } }');
  const [first, second] = [nodeOf('n1'), nodeOf('n2')];
  const disks = (a: number, b: number): Metrics => ({
    node_disk_io_now: [
      ['sda', a],
      ['sdb', b],
    ],
  });
  assert.deepEqual(told(judge.judge(first(disks(6, 7)))), ['A firing 6', 'A firing 7']);
  assert.deepEqual(told(judge.judge(second(disks(1, 8)))), ['A firing 8']);
  assert.deepEqual(told(judge.judge(first(disks(1, 7)))), ['A resolved 6']);
  const active = judge.active().map(({ node, state, labels }) => `${node} ${labels.disk} ${state}`);
  assert.deepEqual(active, ['n1 sdb firing', 'n2 sdb firing']);
});

test('the evidence names the window and the threshold, whichever side the number stands on', () => {
  const judge = judgeOf(
    '- { alert: A, expr: "2 * 50 < rate(node_disk_read_bytes_total[1m]) + rate(node_disk_written_bytes_total[2m])" }',
  );
  const next = nodeOf();
  const metrics = (n: number): Metrics => ({
    node_disk_read_bytes_total: [['sda', n]],
    node_disk_written_bytes_total: [['sda', n]],
  });
  judge.judge(next(metrics(0)));
  const [transition] = judge.judge(next(metrics(1e6)));
  assert.equal(transition?.evidence.windowMs, 120_000);
  assert.deepEqual(transition?.evidence.threshold, { operator: '>', value: 100 });
});

test('an event that comes twice changes nothing', () => {
  const judge = judgeOf(BUSY);
  const next = nodeOf();
  const events = [6, 7, 8].map((load) => next({ node_load1: load }));
  assert.equal(events.flatMap((event) => judge.judge(event)).length, 2);
  assert.deepEqual(
    events.flatMap((event) => judge.judge(event)),
    [],
  );
  assert.equal(judge.stats().repeated, 3);
});

test('a clock set back neither fires nor resolves, and "for" goes on', () => {
  const judge = judgeOf(`
- { alert: Pending, expr: node_load1 > 5, for: 20s }
- { alert: Rate, expr: "rate(node_disk_read_bytes_total[1m]) > 10" }
`);
  const next = nodeOf();
  let bytes = 0;
  const metrics = (): Metrics => {
    bytes += 1000;
    return { node_load1: 9, node_disk_read_bytes_total: [['sda', bytes]] };
  };
  assert.deepEqual(told(judge.judge(next(metrics()))), ['Pending pending 9']);
  assert.deepEqual(told(judge.judge(next(metrics()))), ['Rate firing 25']);
  assert.deepEqual(told(judge.judge(next(metrics()))), []);
  const hourAgo = (seconds: number) => ({ time: 1_000_000 - 3_600_000 + seconds * 1000 });
  assert.deepEqual(told(judge.judge(next(metrics(), hourAgo(0)))), []);
  const [fired, ...others] = judge.judge(next(metrics(), hourAgo(5)));
  assert.deepEqual(
    [fired?.alertname, fired?.state, fired?.since, fired?.time],
    ['Pending', 'firing', 1_000_000, -2_595_000],
  );
  assert.deepEqual(others, []);
  assert.equal(judge.active().find(({ alertname }) => alertname === 'Rate')?.state, 'firing');
});

test('a forgotten node begins anew, and says nothing about it', () => {
  const judge = judgeOf(BUSY);
  const next = nodeOf();
  for (const load of [6, 7, 8]) judge.judge(next({ node_load1: load }));
  judge.forget('c', 'n1');
  judge.forget('c', 'never seen');
  assert.deepEqual(judge.active(), []);
  assert.equal(judge.stats().nodes, 0);
  assert.deepEqual(told(judge.judge(next({ node_load1: 8 }))), ['Busy pending 8']);
});

test('two alerts with the same labels are no answer: nothing changes, and it is counted', () => {
  const failed: string[] = [];
  const rule = '- { alert: A, expr: node_disk_io_now > 5, labels: { device: any } }';
  const judge = judgeOf(rule, { failed: ({ alert }) => failed.push(alert) });
  const next = nodeOf();
  assert.deepEqual(
    told(
      judge.judge(
        next({
          node_disk_io_now: [
            ['sda', 6],
            ['sdb', 1],
          ],
        }),
      ),
    ),
    ['A firing 6'],
  );
  assert.deepEqual(
    told(
      judge.judge(
        next({
          node_disk_io_now: [
            ['sda', 6],
            ['sdb', 6],
          ],
        }),
      ),
    ),
    [],
  );
  assert.deepEqual(failed, ['A']);
  assert.equal(judge.active().length, 1);
});

test('what an event no longer has resolves, and its past is forgotten when no range covers it', () => {
  const judge = judgeOf(`
- { alert: Now, expr: node_disk_io_now > 5 }
- { alert: Rate, expr: "rate(node_disk_read_bytes_total[30s]) >= 0" }
`);
  const next = nodeOf();
  const both: Metrics = { node_disk_io_now: [['sda', 6]], node_disk_read_bytes_total: [['sda', 1]] };
  judge.judge(next(both));
  judge.judge(next(both));
  assert.deepEqual(told(judge.judge(next({}))), ['Now resolved 6']);
  const later = Array.from({ length: 6 }, () => told(judge.judge(next({})))).flat();
  assert.deepEqual(later, ['Rate resolved 0']);
  assert.equal(judge.stats().series, 0);
});

test('only what rules read as a range keeps a past', () => {
  const judge = judgeOf(`
- { alert: A, expr: 'rate(node_cpu_seconds_total{mode="idle"}[1m]) > 1' }
- { alert: B, expr: 'rate(node_cpu_seconds_total{cpu="0"}[5m]) > 1' }
- { alert: C, expr: node_load1 > 1e9 }
`);
  const cpu: Metrics = {
    node_cpu_seconds_total: [
      ['0', 'idle', 1],
      ['0', 'user', 1],
      ['1', 'idle', 1],
      ['1', 'user', 1],
    ],
    node_load1: 1,
  };
  judge.judge(nodeOf()(cpu));
  assert.equal(judge.stats().series, 3);
});

/** How often each thing found no room. */
function refusals() {
  const refused: Partial<Record<JudgeOverflow, number>> = {};
  const overflow = (reason: JudgeOverflow, count: number) => {
    refused[reason] = (refused[reason] ?? 0) + count;
  };
  return { refused, overflow };
}

test('series, samples and alerts beyond their limits are refused and counted', () => {
  const { refused, overflow } = refusals();
  const judge = judgeOf(
    '- { alert: A, expr: "rate(node_disk_read_bytes_total[10m]) >= 0 * node_disk_io_now", labels: { a: b } }',
    { seriesPerNode: 3, samplesPerSeries: 4, alertsPerRuleAndNode: 2, overflow },
  );
  const next = nodeOf();
  const rows = Array.from({ length: 5 }, (_, i) => [`sd${i}`, 1] as const);
  const metrics: Metrics = { node_disk_read_bytes_total: rows, node_disk_io_now: rows };
  for (let i = 0; i < 6; i++) judge.judge(next(metrics));
  // In 6 events 2 of 5 disks are refused, 3 disks lose 2 samples; in 5 of them 1 of 3 alerts is refused.
  assert.deepEqual([judge.stats().series, refused], [3, { history: 12 + 6, alerts: 5 }]);
  assert.equal(judge.active().length, 2);
});

test('alerts of all nodes together have a bound, and those that end or whose node is forgotten make room', () => {
  const { refused, overflow } = refusals();
  const judge = judgeOf('- { alert: A, expr: node_disk_io_now > 5 }', { alerts: 3, overflow });
  const busy = (disks: number): Metrics => ({
    node_disk_io_now: Array.from({ length: disks }, (_, i) => [`sd${i}`, 6]),
  });
  const [one, two] = [nodeOf('n1'), nodeOf('n2')];
  judge.judge(one(busy(2)));
  judge.judge(two(busy(2)));
  assert.deepEqual([judge.active().length, refused], [3, { alerts: 1 }]);
  judge.judge(one(busy(1)));
  judge.judge(two(busy(2)));
  assert.deepEqual([judge.active().length, refused], [3, { alerts: 1 }]);
  judge.forget('c', 'n1');
  judge.judge(two(busy(3)));
  assert.deepEqual([judge.active().length, refused], [3, { alerts: 1 }]);
});

const RATE = '- { alert: A, expr: "rate(node_disk_read_bytes_total[1m]) > 0" }';
const MIB = 2 ** 20;

/** An event with so many series, by other names each time. */
function madeUp(node: string, seq: number, series: number): NodeEvent {
  const rows = Array.from({ length: series }, (_, i) => [`${seq}-${i}`, seq] as const);
  const time = 1_000_000 + seq * INTERVAL;
  const metrics = { node_disk_read_bytes_total: rows };
  return { v: 1, cluster: 'c', node, epoch: 'e', seq, time, interval: INTERVAL, metrics };
}

test('whoever makes up series is refused a past beyond a bound, is counted, and takes nobody the room for its own', () => {
  const { refused, overflow } = refusals();
  const judge = judgeOf(RATE, { historyBytes: 12 * MIB, overflow });
  const next = nodeOf('honest');
  const told: string[] = [];
  for (let seq = 0; seq < 12; seq++) {
    for (let i = 0; i < 40; i++) judge.judge(madeUp(`made-up-${i}`, seq, 200));
    const disks: Metrics = { node_disk_read_bytes_total: ['sda', 'sdb', 'sdc'].map((disk) => [disk, seq * 1000]) };
    told.push(...judge.judge(next(disks)).map(({ state, labels }) => `${labels.device} ${state}`));
  }
  assert.deepEqual(told, ['sda firing', 'sdb firing', 'sdc firing']);
  const { historyBytes } = judge.stats();
  assert.ok(historyBytes < 5 * MIB && historyBytes > 3 * MIB, `${historyBytes} bytes`);
  assert.ok((refused.history ?? 0) > 0);
});

test('names that are made up, too, are refused a past beyond a bound', () => {
  const { refused, overflow } = refusals();
  const judge = judgeOf(RATE, { historyBytes: MIB, overflow });
  for (let i = 0; i < 3000; i++) judge.judge(madeUp(`made-up-${i}`, 0, 2));
  const { historyBytes, series } = judge.stats();
  assert.ok(historyBytes <= MIB && historyBytes > 0.9 * MIB, `${historyBytes} bytes`);
  assert.equal(series + (refused.history ?? 0), 6000);
});

test('the past of who has been silent for longer than any range makes room, that of others does not', () => {
  const { refused, overflow } = refusals();
  const silence = ({ node }: { readonly node: string }) => ({ a: 60_001, b: 60_000 })[node] ?? 0;
  const judge = judgeOf(RATE, { historyBytes: MIB, silence, overflow });
  for (const node of ['a', 'b', 'c']) judge.judge(madeUp(node, 0, 1000));
  judge.judge(madeUp('d', 0, 1500));
  const before = judge.stats();
  assert.ok((refused.history ?? 0) > 0);
  assert.equal(before.series, 3500 - (refused.history ?? 0));
  judge.judge({ ...madeUp('d', 0, 1500), seq: 1, time: 1_005_000 });
  assert.equal(judge.stats().series, 3500);
});

test('what is forgotten gives back what it took', () => {
  const judge = judgeOf(RATE);
  for (let seq = 0; seq < 30; seq++) for (const node of ['a', 'b']) judge.judge(madeUp(node, seq, 50));
  assert.ok(judge.stats().historyBytes > 0);
  for (const node of ['a', 'b']) judge.forget('c', node);
  assert.deepEqual(judge.stats(), { nodes: 0, series: 0, historyBytes: 0, repeated: 0 });
});

test('a run that goes on after another has begun is no burst of what its counters had counted before', () => {
  const judge = judgeOf('- { alert: A, expr: "rate(node_disk_read_bytes_total[1m]) > 1000" }');
  const next = nodeOf();
  const disk = (n: number): Metrics => ({ node_disk_read_bytes_total: [['sda', n]] });
  const events = [1e12, 1e12 + 5, 1e12 + 10].map((n) => next(disk(n)));
  const forged = { ...madeUp('n1', 0, 0), epoch: 'forged', time: 0, metrics: disk(0) };
  const after = [1e12 + 15, 1e12 + 20, 1e12 + 25].map((n) => next(disk(n)));
  const all = [...events, forged, ...after];
  assert.deepEqual(
    all.flatMap((event) => told(judge.judge(event))),
    [],
  );
});

test('hostile label values are only values', () => {
  const judge = judgeOf('- { alert: A, expr: node_disk_io_now > 5, labels: { text: "{{ $labels.device }}" } }');
  const devices = ['__proto__', '{{ $value }}', '2:x', '"\n', ''];
  const transitions = judge.judge(nodeOf()({ node_disk_io_now: devices.map((device) => [device, 6]) }));
  assert.deepEqual(
    transitions.map(({ labels }) => labels.text ?? ''),
    devices,
  );
});
