/**
 * What it costs. Each scenario has sides that do the same work, each in a process of its own, in turn, several rounds in one
 * run: only ratios between the sides of a run mean anything, on any machine. The first side is ours. Sides that can be stopped
 * on their way (`turn.ts`) take turns all along.
 *
 *   make bench                    every scenario
 *   node bench/main.ts consume    one of them; BENCH_ROUNDS=5 for more rounds
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism, cpus } from 'node:os';
import { text } from 'node:stream/consumers';

/** What a side reports about itself: figures by name, smaller is better. */
export type Figures = Readonly<Record<string, number>>;

const SCENARIOS: Readonly<Record<string, { readonly about: string; readonly sides: readonly string[] }>> = {
  collect: {
    about: 'measuring this machine once a second',
    sides: ['direct', 'systeminformation'],
  },
  consume: {
    about: '1,000 nodes of 163 samples: taking an event, and answering a scrape of all of them',
    sides: ['state', 'state+rules', 'prom-client'],
  },
  consumer: {
    about:
      'the whole consumer with 1,000 nodes of 163 samples at 15 s, scraped every 15 s: with no rules, and with the default ones',
    sides: ['no rules', 'rules'],
  },
  spool: {
    about: 'an event of 150 samples through the spool on disk, through memory, and as a line added to a file',
    sides: ['spool', 'memory', 'appendFileSync'],
  },
  page: {
    about: 'a consumer of 200 nodes at an event in 5 s: nobody looks, 50 people do, and no history is kept',
    sides: ['no page', '50 pages', 'no page, no history'],
  },
};

const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const asked = process.argv.slice(2);
const print = (line: string) => process.stdout.write(`${line}\n`);

print(`Node.js ${process.version}, ${availableParallelism()} CPUs (${cpus()[0]?.model}), median of ${rounds} rounds\n`);
for (const [scenario, { about, sides }] of Object.entries(SCENARIOS)) {
  if (asked.length > 0 && !asked.includes(scenario)) continue;
  print(`${scenario}: ${about}`);
  const results = new Map<string, Figures[]>(sides.map((side) => [side, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [side, figures] of await measure(scenario, sides)) results.get(side)?.push(figures);
  }
  const ours = results.get(sides[0] ?? '') ?? [];
  for (const figure of Object.keys(ours[0] ?? {})) {
    print(`  ${figure}`);
    for (const [side, figures] of results) {
      const value = median(figures.map((round) => round[figure] ?? Number.NaN));
      const ratios = figures.map((round, i) => (round[figure] ?? Number.NaN) / (ours[i]?.[figure] ?? Number.NaN));
      print(
        `    ${side.padEnd(20)} ${value.toPrecision(3).padStart(10)}   ${median(ratios).toFixed(2).padStart(7)} times ours`,
      );
    }
  }
  print('');
}

async function measure(scenario: string, sides: readonly string[]): Promise<Map<string, Figures>> {
  const file = new URL(`${scenario}.ts`, import.meta.url).pathname;
  const outputs = new Map<string, Promise<string>>();
  let working: ChildProcess[] = [];
  for (const side of sides) {
    const child = spawn(process.execPath, ['--expose-gc', file, side], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    outputs.set(side, text(child.stdout as NonNullable<typeof child.stdout>));
    if (await pauses(child)) working.push(child);
  }
  while (working.length > 0) {
    const paused = [];
    for (const child of working) {
      child.send('turn');
      if (await pauses(child)) paused.push(child);
    }
    working = paused;
  }
  const figures = new Map<string, Figures>();
  for (const [side, output] of outputs) figures.set(side, figuresIn(await output));
  return figures;
}

/** Waits until a side has done its turn. @returns false if that was its last one. */
async function pauses(child: ChildProcess): Promise<boolean> {
  const heard = new AbortController();
  const [said] = await Promise.race([once(child, 'message', heard), once(child, 'close', heard)]);
  heard.abort();
  if (said === 'turn') return true;
  if (said !== 0) throw new Error(`${child.spawnargs.join(' ')} ended with ${child.signalCode ?? said}`);
  return false;
}

function figuresIn(output: string): Figures {
  // A whole consumer tells its alerts there, too.
  const [figures = ''] = output.split('\n').filter((line) => line !== '' && !line.includes('"event":"alert"'));
  return JSON.parse(figures);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
