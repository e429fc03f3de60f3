/**
 * File systems that do not answer, made of FUSE programs that are stopped: nothing else the agent measures is late, and
 * neither its end nor that of its child waits for them.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { NodeEvent } from '#contract/event.ts';
import { skipWithout } from './debian.ts';
import { eventually, run } from './programs.ts';

const SKIP =
  !existsSync('/dev/fuse') || process.geteuid?.() !== 0
    ? 'to mount FUSE file systems, /dev/fuse and root are needed'
    : skipWithout('bindfs', 'bindfs');

interface Mounts {
  readonly points: readonly string[];
  hang(): void;
  answer(): void;
}

async function mountFuse(t: TestContext, count: number): Promise<Mounts> {
  const directory = mkdtempSync(join(tmpdir(), 'hung-'));
  const programs: ChildProcess[] = [];
  const points = Array.from({ length: count }, (_, i) => join(directory, `mount-${i}`));
  t.after(() => {
    for (const program of programs) program.kill('SIGKILL');
    for (const point of points) spawnSync('umount', ['-l', point]);
    rmSync(directory, { recursive: true });
  });
  mkdirSync(join(directory, 'source'));
  for (const point of points) {
    mkdirSync(point);
    programs.push(spawn('bindfs', ['-f', join(directory, 'source'), point], { stdio: 'ignore' }));
  }
  await eventually(() => {
    const mounted = readFileSync('/proc/1/mountinfo', 'utf8');
    for (const point of points) assert.ok(mounted.includes(` ${point} `), `${point} is not mounted`);
  });
  const signal = (name: NodeJS.Signals) => {
    for (const program of programs) program.kill(name);
  };
  return { points, hang: () => signal('SIGSTOP'), answer: () => signal('SIGCONT') };
}

/** A producer on this machine, and its events. */
function startProducer(t: TestContext) {
  const program = run(process.execPath, ['e2e/print-events.ts'], {
    INTERVAL: '1s',
    LISTEN: '127.0.0.1:0',
    NODE_NAME: 'node-1',
    KAFKA_BROKERS: '',
  });
  t.after(() => program.stop('SIGKILL'));
  const events = () =>
    program
      .stdout()
      .split('\n')
      .filter((line) => line.startsWith('{"v":'))
      .map((line) => JSON.parse(line) as NodeEvent);
  return { ...program, events };
}

/** What an event says of some mounts: the error of each, empty if it answered. */
function answersIn(event: NodeEvent | undefined, points: readonly string[]): ReadonlyMap<string, string> {
  const rows = (event?.metrics.node_filesystem_device_error ?? []) as readonly (readonly (string | number)[])[];
  return new Map(
    rows
      .filter(([, point]) => points.includes(String(point)))
      .map(([, point, , error]) => [String(point), String(error)]),
  );
}

/** The processes that ask file systems for their size, of all agents on this machine. */
function askers(): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('statfs-child');
    } catch {
      return false;
    }
  });
}

for (const count of [1, 4, 8]) {
  test(`${count} hung file systems delay nothing else by 200 ms, nor the end`, { skip: SKIP }, async (t) => {
    const before = new Set(askers());
    const mounts = await mountFuse(t, count);
    const producer = startProducer(t);
    await eventually(() => {
      const answers = answersIn(producer.events().at(-1), mounts.points);
      assert.deepEqual([...answers.values()], Array(count).fill(''));
    });
    mounts.hang();
    await eventually(() => {
      const answers = answersIn(producer.events().at(-1), mounts.points);
      assert.deepEqual([...answers.values()], Array(count).fill('mountpoint timeout'));
    });
    const hanging = producer.events().length;
    await eventually(() => assert.ok(producer.events().length >= hanging + 3));

    const events = producer.events();
    const late = events.map(({ time }) => time % 1000);
    const took = events.flatMap(({ metrics }) => metrics.node_scrape_collector_duration_seconds as [string, number][]);
    const slowest = took.reduce((a, b) => (b[1] > a[1] ? b : a));
    const { code, ms } = await producer.stop();
    t.diagnostic(`latest tick ${Math.max(...late)} ms, slowest collector ${JSON.stringify(slowest)} s, end ${ms} ms`);
    assert.ok(Math.max(...late) < 200, `a tick came ${Math.max(...late)} ms late`);
    assert.ok(slowest[1] < 0.2, `${slowest[0]} took ${slowest[1]} s`);
    assert.equal(new Set(events.map(({ seq, time }) => Math.floor(time / 1000) - seq)).size, 1, 'a tick was skipped');
    assert.equal(code, 0);
    assert.ok(ms < 2000, `the end took ${ms} ms`);
    await eventually(() =>
      assert.deepEqual(
        askers().filter((pid) => !before.has(pid)),
        [],
      ),
    );
  });
}

test('a file system that answers again has its figures again, and its neighbours had theirs all the while', {
  skip: SKIP,
}, async (t) => {
  const hung = await mountFuse(t, 1);
  const well = await mountFuse(t, 1);
  hung.hang();
  const producer = startProducer(t);
  await eventually(() => {
    assert.deepEqual([...answersIn(producer.events().at(-1), hung.points).values()], ['mountpoint timeout']);
  });
  const stuckAt = producer.events().length;
  hung.answer();
  await eventually(() => {
    assert.deepEqual([...answersIn(producer.events().at(-1), hung.points).values()], ['']);
  });
  for (const event of producer.events().slice(stuckAt)) {
    assert.deepEqual([...answersIn(event, well.points).values()], ['']);
  }
});

test('the child ends with the agent, however the agent ends', { skip: SKIP }, async (t) => {
  const before = new Set(askers());
  const mine = () => askers().filter((pid) => !before.has(pid));
  const mounts = await mountFuse(t, 1);
  const producer = startProducer(t);
  await eventually(() => assert.equal(mine().length, 1));
  mounts.hang();
  await producer.stop('SIGKILL');
  await eventually(() => assert.deepEqual(mine(), []));
});
