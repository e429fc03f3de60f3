/**
 * Debian's node_exporter on the host, and beside it the producer as it runs in a container: user 65534 without any capability,
 * in network, mount, process and host name namespaces of its own, the host's /, /proc and /sys mounted read-only. Both must
 * say the same of the host, and without the host mounted nothing of the container may pass for it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { NodeEvent } from '#contract/event.ts';
import { metricOf } from '#contract/metrics.ts';
import { skipWithout, startNodeExporter } from './debian.ts';
import { eventually, type Running, run, textOf } from './programs.ts';

/** Values by series: name and labels as text, sorted, without empty labels and those of our own. */
type Series = ReadonlyMap<string, number>;

const skip = skipWithoutNamespaces() || skipWithout('prometheus-node-exporter', 'prometheus-node-exporter');

function skipWithoutNamespaces(): false | string {
  const { status } = spawnSync('unshare', ['--net', '--mount', '--pid', '--fork', '--uts', '--ipc', 'true']);
  if (status === 0) return false;
  return 'namespaces cannot be made: be root, on Linux, with util-linux installed';
}

/** Mounts the host at the first argument if it is not empty, becomes nobody and runs the rest. */
const CONTAINER = `
set -e
mount --make-rprivate /
if [ -n "$1" ]; then
  mount --rbind / "$1"
  mount -o remount,bind,ro "$1"
fi
mount -t proc proc /proc
hostname container
shift
exec setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --no-new-privs "$@"
`;

function startContainer(t: TestContext, env: NodeJS.ProcessEnv, hostMount = ''): Running {
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--uts', '--ipc'];
  const command = ['sh', '-c', CONTAINER, 'sh', hostMount, process.execPath, 'e2e/print-events.ts'];
  const program = run('unshare', [...namespaces, ...command], { LISTEN: '127.0.0.1:0', INTERVAL: '1s', ...env });
  t.after(() => program.stop('SIGKILL'));
  return program;
}

/** The first event that began to be measured after now. */
async function nextEvent(producer: Running): Promise<NodeEvent> {
  const since = Date.now();
  return eventually(() => {
    const lines = producer
      .stdout()
      .split('\n')
      .filter((line) => line.startsWith('{"v":'));
    const event = lines.map((line): NodeEvent => JSON.parse(line)).find(({ time }) => time > since);
    assert.ok(event !== undefined, producer.stdout());
    return event;
  });
}

function identify(name: string, labels: readonly (readonly [string, string])[]): string {
  const kept = labels
    .filter(([label, value]) => value !== '' && !NEWER_LABELS.includes(label))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `${name}${JSON.stringify(kept)}`;
}

function seriesOfEvent({ metrics }: NodeEvent): Series {
  const series = new Map<string, number>();
  for (const [name, value] of Object.entries(metrics)) {
    const labels = metricOf(name)?.labels ?? [];
    if (typeof value === 'number') series.set(identify(name, []), value);
    else {
      for (const row of value) {
        const pairs = labels.map((label, i) => [label, String(row[i])] as const);
        series.set(identify(name, pairs), Number(row[labels.length]));
      }
    }
  }
  return series;
}

function seriesOfText(text: string): Series {
  const series = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] = /^(node_\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
      ([, label = '', quoted = '']) => [label, quoted.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c))] as const,
    );
    series.set(identify(name, pairs), Number(value));
  }
  return series;
}

/** Labels that node_exporter has had since, and we have. */
const NEWER_LABELS = ['adminstate', 'rotational'];

/** What node_exporter 1.5.0 says and we do not, each with its reason; docs/NODE_EXPORTER.md tells the same. */
const EXPLAINED: readonly [series: RegExp, why: string][] = [
  [/^node_exporter_build_info/, 'it speaks of itself'],
  [/^node_scrape_collector_/, 'each has its own collectors'],
  [/^node_textfile_/, 'no collector of text files'],
  [/^node_timex_/, 'needs the system call adjtimex, which Node.js does not have'],
  [/^node_time_seconds/, 'the time of the reading itself'],
  [/^node_network_speed_bytes/, 'it says -125000 where the speed is not known'],
  [/"device","zram/, 'excluded by default since node_exporter 1.7'],
];

test('of each shared collector the producer says what node_exporter says, series by series', { skip }, async (t) => {
  const hostMount = mkdtempSync(join(tmpdir(), 'host-'));
  t.after(() => rmSync(hostMount, { recursive: true }));
  const exporter = await startNodeExporter();
  t.after(() => exporter.stop());
  const producer = startContainer(t, { HOST_ROOT: hostMount, NODE_NAME: hostname() }, hostMount);
  const scrape = async () => seriesOfText(await textOf(`${exporter.url}/metrics`));
  await nextEvent(producer);

  const before = await scrape();
  const ours = seriesOfEvent(await nextEvent(producer));
  const after = await scrape();

  const shared = [...before.keys()].filter((id) => after.has(id) && !EXPLAINED.some(([series]) => series.test(id)));
  const missing = shared.filter((id) => !ours.has(id));
  const wrong = shared.flatMap((id) => {
    const value = ours.get(id);
    const [low = 0, high = 0] = [before.get(id), after.get(id)].sort((a = 0, b = 0) => a - b);
    const slack = Math.max(Math.abs(high), Math.abs(low)) * 0.01;
    return value === undefined || (value >= low - slack && value <= high + slack)
      ? []
      : [`${id}: ${low} ≤ ${value} ≤ ${high}`];
  });
  t.diagnostic(`${shared.length} series shared, ${missing.length} missing, ${wrong.length} with another value`);
  for (const line of wrong) t.diagnostic(`another value: ${line}`);
  for (const id of missing) t.diagnostic(`missing: ${id}`);
  assert.ok(shared.length > 100);
  assert.ok(missing.length <= shared.length * 0.02, `missing:\n${missing.join('\n')}`);
  assert.ok(wrong.length <= shared.length * 0.02, `other values:\n${wrong.join('\n')}`);
});

test('without the host mounted, what is host-wide in a container is published and nothing of the container is', {
  skip,
}, async (t) => {
  const producer = startContainer(t, { NODE_NAME: 'node-1' });
  const names = Object.keys((await nextEvent(producer)).metrics);
  for (const name of ['node_cpu_seconds_total', 'node_memory_MemTotal_bytes', 'node_load1', 'node_disk_io_now']) {
    assert.ok(names.includes(name), name);
  }
  assert.deepEqual(
    names.filter((name) => /^node_(network|filesystem|netstat|sockstat|arp|nf_conntrack|udp)_/.test(name)),
    [],
  );
  await producer.printed(/"aspect":"network".*not published: this is not the host/);
  await producer.printed(/"aspect":"mounts".*not published: this is not the host/);
});
