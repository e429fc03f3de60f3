/**
 * An event on its way through the spool while the bus takes all: appended, handed out, done with. Beside it, the least that
 * could be done with a disk: a line added to a file.
 */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeEvent } from '#contract/codec.ts';
import type { NodeEvent, Row } from '#contract/event.ts';
import { startRun } from '../services/producer/spool/fake-run.ts';
import { openFiles } from '../services/producer/spool/files.ts';
import type { Figures } from './main.ts';

const EVENTS = 5_000;
/** A usual node: about 150 series, of which a third has moved since the event before. */
const rowsOf = (seq: number): readonly Row[] =>
  Array.from({ length: 150 }, (_, i) => [String(i % 16), `mode-${i}`, i * 1234.5 + (i % 3 === 0 ? seq * i : 0)]);

const directory = mkdtempSync(join(tmpdir(), 'bench-'));
const eventOf = (seq: number): NodeEvent => ({
  v: 1,
  cluster: 'bench',
  node: 'bench',
  epoch: 'bench',
  seq,
  time: 0,
  interval: 5000,
  metrics: { node_cpu_seconds_total: rowsOf(seq) },
});

const SIDES: { readonly [side: string]: () => (seq: number) => void } = {
  spool() {
    const { outbox } = startRun(openFiles(directory));
    return (seq) => {
      outbox.append(eventOf(seq));
      outbox.acknowledge(outbox.peek(500, 512 * 1024).length);
    };
  },
  memory() {
    const { outbox } = startRun(undefined);
    return (seq) => {
      outbox.append(eventOf(seq));
      outbox.acknowledge(outbox.peek(500, 512 * 1024).length);
    };
  },
  appendFileSync() {
    const file = join(directory, 'lines');
    return (seq) => appendFileSync(file, encodeEvent(eventOf(seq)));
  },
};

const side = SIDES[process.argv[2] ?? '']?.();
if (side === undefined) throw new Error(`expected one of ${Object.keys(SIDES).join(', ')}`);
for (let seq = 0; seq < 500; seq++) side(seq);
const before = process.cpuUsage();
for (let seq = 500; seq < 500 + EVENTS; seq++) side(seq);
const { user, system } = process.cpuUsage(before);
rmSync(directory, { recursive: true });
const figures: Figures = { 'CPU µs per event': (user + system) / EVENTS };
process.stdout.write(JSON.stringify(figures));
