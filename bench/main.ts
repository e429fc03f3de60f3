/**
 * What it costs. Each scenario has sides that do the same work, each in a process of its own, in turn, several rounds in one
 * run: only ratios between the sides of a run mean anything, on any machine. The first side is ours.
 *
 *   make bench                    every scenario
 *   node bench/main.ts consume    one of them; BENCH_ROUNDS=5 for more rounds
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';

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
    for (const side of sides) results.get(side)?.push(measure(scenario, side));
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

function measure(scenario: string, side: string): Figures {
  const file = new URL(`${scenario}.ts`, import.meta.url).pathname;
  const output = execFileSync(process.execPath, ['--expose-gc', file, side], { encoding: 'utf8' });
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
