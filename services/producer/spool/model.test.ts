/**
 * The spool against a model that is a list: whatever is done to it, what it hands out is what was appended, in order, and each
 * event that is missing is in a gap. Where the disk failed or the process was killed, no more is missing than may be.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFakeClock } from '../fake-clock.ts';
import type { Entry } from '../outbox.ts';
import { createFakeFiles, type FakeFiles } from './fake-files.ts';
import { eventsIn, type FakeRun, nameOf, startRun } from './fake-run.ts';
import { type Files, openFiles } from './files.ts';
import { scan } from './record.ts';

type Step =
  | { readonly do: 'append'; readonly size: number }
  | { readonly do: 'publish' | 'send' | 'wait' | 'break' | 'fill'; readonly amount: number }
  | { readonly do: 'sent' | 'fail' | 'refuse' | 'mend' | 'restart' | 'kill' | 'power' | 'vanish' };

const BOUNDS = { maxBytes: 3000, maxMemoryBytes: 700, maxAgeMs: 10_000, segmentBytes: 600 };

/** The model: all that was appended, all that was told, and how many may be missing. */
class Model {
  readonly appended: string[] = [];
  readonly told: string[] = [];
  /** What was nowhere but in a process that ended. */
  mayMiss = 0;
  /** What was counted as lost. On a disk that failed the gap may have been lost, too. */
  lost = 0;
  failed = false;
}

class Trial {
  readonly model = new Model();
  readonly clock = createFakeClock(1_000_000);
  readonly files: Files;
  readonly fake: FakeFiles | undefined;
  run: FakeRun;
  runs = 0;
  sent: readonly Entry[] = [];

  constructor(files: Files, fake?: FakeFiles) {
    this.files = files;
    this.fake = fake;
    this.run = this.start();
  }

  start(): FakeRun {
    return startRun(this.files, { ...BOUNDS, clock: this.clock, epoch: `run${this.runs++}` });
  }

  /** Ends a run and begins the next. */
  next(how: 'restart' | 'kill' | 'power'): void {
    const { outbox, lost, failures } = this.run;
    this.model.mayMiss += how === 'power' ? outbox.events : outbox.unsaved;
    if (how === 'restart') outbox.close();
    this.model.failed ||= failures.length > 0 || how === 'power';
    this.model.lost += lost.full + lost.age + lost.refused + lost.damaged;
    this.fake?.restart(how === 'power');
    this.sent = [];
    this.run = this.start();
  }

  take(entries: readonly Entry[]): void {
    this.model.told.push(...entries.map(nameOf).flatMap(eventsIn));
  }

  do(step: Step): void {
    const { outbox } = this.run;
    switch (step.do) {
      case 'append':
        this.model.appended.push(this.run.append(step.size));
        break;
      case 'send':
        this.sent = outbox.peek(step.amount, 1e6);
        break;
      case 'publish':
        this.sent = outbox.peek(step.amount, 1e6);
        this.published();
        break;
      case 'sent':
        this.published();
        break;
      case 'fail':
        outbox.release();
        this.sent = [];
        break;
      case 'refuse':
        this.sent = [];
        if ('envelope' in (outbox.peek(1, 1e6)[0] ?? {})) outbox.refuse();
        break;
      case 'wait':
        this.clock.spend(step.amount);
        break;
      case 'break':
        if (this.fake) this.fake.callsLeft = step.amount;
        break;
      case 'fill':
        if (this.fake) this.fake.capacity = step.amount;
        break;
      case 'mend':
        this.fake?.restart(false);
        break;
      case 'vanish':
        this.fake?.vanish();
        this.model.failed = true;
        break;
      default:
        this.next(step.do);
    }
  }

  published(): void {
    this.take(this.sent);
    this.run.outbox.acknowledge(this.sent.length);
    this.sent = [];
  }

  /** Nothing may be handed out for the bounds to hold: what is, stays. */
  checkBounds(): void {
    if (this.sent.length > 0) return;
    assert.ok(this.run.outbox.bytes <= BOUNDS.maxBytes, `${this.run.outbox.bytes} bytes`);
  }

  checkAll(): void {
    const { appended, told, lost, failed } = this.model;
    const mayMiss = this.model.mayMiss + (failed ? lost : 0);
    const places = new Map(appended.map((name, place) => [name, place]));
    const first = [...new Set(told)].map((name) => places.get(name) ?? assert.fail(`${name} was never appended`));
    assert.deepEqual(
      first,
      first.toSorted((a, b) => a - b),
      `not in order: ${told.join(' ')}`,
    );
    const missing = appended.filter((name) => !told.includes(name));
    assert.ok(missing.length <= mayMiss, `${missing.join(' ')} missing, where ${mayMiss} may`);
  }
}

function play(trial: Trial, steps: readonly Step[]): void {
  for (const step of steps) {
    trial.do(step);
    trial.checkBounds();
  }
  trial.fake?.restart(false);
  trial.do({ do: 'append', size: 0 });
  trial.next('restart');
  trial.model.appended.push(trial.run.append());
  trial.take(trial.run.outbox.peek(1e6, 1e9));
  trial.checkAll();
}

const append = fc.record({ do: fc.constant('append' as const), size: fc.constantFrom(0, 0, 50, 300, 2000) });
const publish = fc.record({
  do: fc.constantFrom('publish' as const, 'send' as const),
  amount: fc.integer({ min: 1, max: 6 }),
});
const wait = fc.record({ do: fc.constant('wait' as const), amount: fc.integer({ min: 0, max: 8000 }) });
const plain = fc.record({ do: fc.constantFrom('sent' as const, 'fail' as const, 'refuse' as const) });
const restart = fc.record({ do: fc.constantFrom('restart' as const, 'kill' as const) });
const fault = fc.oneof(
  fc.record({ do: fc.constant('break' as const), amount: fc.nat({ max: 12 }) }),
  fc.record({ do: fc.constant('fill' as const), amount: fc.nat({ max: 3000 }) }),
  fc.record({ do: fc.constantFrom('mend' as const, 'power' as const, 'vanish' as const) }),
);

const well = fc.array(
  fc.oneof({ weight: 6, arbitrary: append }, { weight: 3, arbitrary: publish }, wait, plain, restart),
  { maxLength: 60 },
);
const ill = fc.array(
  fc.oneof({ weight: 6, arbitrary: append }, { weight: 3, arbitrary: publish }, wait, plain, restart, fault),
  { maxLength: 60 },
);

test('on a disk that works every event is handed out once, in order, or is in a gap', () => {
  fc.assert(
    fc.property(well, (steps) => {
      const fake = createFakeFiles();
      play(new Trial(fake, fake), steps);
    }),
    { numRuns: 400 },
  );
});

test('on a disk that fails, tears, fills up, vanishes or loses power, no more is missing than may be, and all is in order', () => {
  fc.assert(
    fc.property(ill, (steps) => {
      const fake = createFakeFiles();
      play(new Trial(fake, fake), steps);
    }),
    { numRuns: 400 },
  );
});

test('the file system of this machine is as good as the one for tests', () => {
  fc.assert(
    fc.property(well, (steps) => {
      const directory = mkdtempSync(join(tmpdir(), 'spool-'));
      try {
        play(new Trial(openFiles(join(directory, 'spool'))), steps);
      } finally {
        rmSync(directory, { recursive: true });
      }
    }),
    { numRuns: 15 },
  );
});

type Damage = readonly [file: number, at: number, how: (typeof DAMAGES)[number]];

const DAMAGES = ['flip', 'zero', 'cut', 'cut between records', 'empty', 'remove', 'flip first', 'flip last'] as const;
const damage: fc.Arbitrary<Damage> = fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(...DAMAGES));

function harm(fake: FakeFiles, [file, at, how]: Damage): void {
  const names = fake.list();
  const name = names[file % Math.max(1, names.length)];
  if (name === undefined) return;
  if (how === 'remove') {
    fake.remove(name);
    return;
  }
  const content = Buffer.from(fake.content(name));
  const records = [...scan(content)].filter((part) => 'meta' in part);
  const record =
    how === 'flip first' ? records[0] : records.at(how === 'flip last' ? -1 : at % Math.max(1, records.length));
  const [from, length] = how.includes(' ') && record ? [record.offset, record.length] : [0, content.length];
  const place = from + (at % Math.max(1, length));
  if (how.startsWith('flip') && content.length > 0)
    content.writeUInt8(content.readUInt8(place) ^ (1 << (at % 8)), place);
  if (how === 'zero') content.subarray(place, place + 64).fill(0);
  const ends = { cut: place, 'cut between records': from, empty: 0 };
  fake.put(name, how in ends ? content.subarray(0, ends[how as keyof typeof ends]) : content);
}

/** Damages what a run has left, and takes what the next one tells of it. */
function damaged(steps: readonly Step[], damages: readonly Damage[], mayMiss: number): { trial: Trial; gaps: number } {
  const fake = createFakeFiles();
  const trial = new Trial(fake, fake);
  for (const step of steps) trial.do(step);
  for (const damage of damages) harm(fake, damage);
  trial.model.mayMiss = mayMiss;
  trial.next('kill');
  trial.model.appended.push(trial.run.append());
  const entries = trial.run.outbox.peek(1e6, 1e9);
  trial.take(entries);
  trial.checkAll();
  assert.equal(trial.model.told.at(-1), trial.model.appended.at(-1));
  const gaps = entries.flatMap((entry) =>
    'gap' in entry && entry.gap.reason === 'damaged' ? eventsIn(nameOf(entry)) : [],
  );
  return { trial, gaps: gaps.length };
}

test('whatever one thing is damaged, what that costs is counted, and is all in gaps', () => {
  fc.assert(
    fc.property(well, damage, (steps, damage) => {
      const { trial, gaps } = damaged(steps, [damage], 0);
      assert.equal(trial.run.lost.damaged, gaps);
      // Nor is it counted again by a run that finds what this one has not published.
      trial.next('kill');
      trial.take(trial.run.outbox.peek(1e6, 1e9));
      trial.checkAll();
      assert.equal(trial.run.lost.damaged, 0);
    }),
    { numRuns: 600 },
  );
});

test('a spool that is damaged anywhere starts, in order, and what it gives was put in', () => {
  fc.assert(
    fc.property(well, fc.array(damage, { minLength: 2, maxLength: 6 }), (steps, damages) => {
      const { trial, gaps } = damaged(steps, damages, Number.POSITIVE_INFINITY);
      assert.ok(trial.run.lost.damaged >= gaps);
    }),
    { numRuns: 300 },
  );
});
