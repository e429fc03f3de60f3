/**
 * A member of a group as a process of its own, for tests that freeze, kill or measure one:
 *
 *   node services/bus/member-process.ts BROKER TOPIC GROUP
 *
 * It writes a line of JSON for whatever it is told, and one every 20 ms for how it is. SIGTERM makes it leave.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { BusRecord } from './bus.ts';
import { createKafkaBus } from './kafka.ts';

const TICK_MS = 20;

/** What a line may have. */
export interface MemberLine {
  readonly assigned?: readonly number[];
  readonly lost?: readonly number[];
  /** Values as text, or why there are none. */
  readonly batch?: readonly (Pick<BusRecord, 'partition' | 'offset' | 'refused' | 'lastOffset'> & { value?: string })[];
  readonly committed?: boolean;
  readonly failed?: string;
  /** Every so often: when (ms since the Unix epoch), then whether it is fresh. */
  readonly at?: number;
  readonly fresh?: boolean;
  /** The largest that the process has been, bytes. */
  readonly maxRss?: number;
}

export class MemberProcess {
  readonly lines: MemberLine[] = [];
  readonly #child: ChildProcess;
  #waiting: (() => void)[] = [];

  constructor(broker: string, topic: string, group: string) {
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    this.#child = spawn(process.execPath, [import.meta.filename, broker, topic, group], { stdio: [...stdio] });
    if (this.#child.stdout === null) throw new Error('a process without output');
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.lines.push(JSON.parse(line));
      for (const resolve of this.#waiting.splice(0)) resolve();
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Fulfilled as soon as it has written a line that holds, among those from a place on. */
  async until(condition: (line: MemberLine) => boolean, from = 0): Promise<MemberLine> {
    for (;;) {
      const line = this.lines.slice(from).find(condition);
      if (line !== undefined) return line;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The values of all records so far. */
  get values(): string[] {
    return this.lines.flatMap(({ batch = [] }) => batch.flatMap(({ value = [] }) => value));
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill(signal);
    await once(this.#child, 'exit');
  }
}

if (import.meta.main) {
  const [broker = '', topic = '', group = ''] = process.argv.slice(2);
  const write = (line: MemberLine) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const quiet = () => undefined;
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const bus = createKafkaBus({ brokers: [broker], clientId: 'member', log });
  const subscription = await bus.subscribe(topic, group, {
    assigned: (assigned) => void write({ assigned }),
    lost: (lost) => void write({ lost }),
    skipped: quiet,
    failed: ({ message }) => void write({ failed: message }),
    batch: async ({ records, commit }) => {
      const batch = records.map(({ value, headers: _, key: __, timestamp: ___, ...record }) => {
        return value === null ? record : { ...record, value: String(value) };
      });
      write({ batch });
      await commit();
      write({ committed: true });
    },
  });
  setInterval(
    () => write({ at: Date.now(), fresh: subscription.fresh, maxRss: process.resourceUsage().maxRSS * 1024 }),
    TICK_MS,
  );
  process.once('SIGTERM', async () => {
    await bus.close();
    process.exit();
  });
}
