/**
 * The collectors on files of whole machines. `testdata/CASE/stepN/` holds the files of the moment N and what `statfs` says,
 * `expected.txt` there what the collectors make of them. They remember from step to step, as they do from tick to tick.
 *
 * A new case needs no code. One whose name begins with a collector's is for that collector alone. UPDATE_GOLDEN=1 writes
 * what is expected anew: read the difference.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { metricOf } from '#contract/metrics.ts';
import { type Collected, collectAll } from './collector.ts';
import { optionalCollectors, standardCollectors } from './collectors/index.ts';
import { type Host, openHost } from './host/proc.ts';

const OPTIONS = { nodename: 'node-1', machine: 'machine', now: () => 0 };
const TESTDATA = fileURLToPath(new URL('testdata', import.meta.url));

/** By mount point: size, free, available, files, free files; or the code of an error. */
type Statfs = Record<string, [number, number, number, number, number] | string>;

for (const name of readdirSync(TESTDATA).sort()) {
  test(`${name}: the collectors make of each step's files what is expected`, () => {
    const standard = standardCollectors(OPTIONS);
    const only = [...standard, ...optionalCollectors(OPTIONS)].filter((collector) =>
      name.startsWith(`${collector.name}-`),
    );
    const collectors = only.length > 0 ? only : standard;
    for (const step of readdirSync(`${TESTDATA}/${name}`).sort()) {
      const folder = `${TESTDATA}/${name}/${step}`;
      const host = openHost(folder);
      const got = asText(collectAll(collectors, { ...host, ...answersOf(folder) }, () => 0));
      host.close();
      const golden = `${folder}/expected.txt`;
      if (process.env.UPDATE_GOLDEN === '1') writeFileSync(golden, got);
      else assert.equal(got, readFileSync(golden, 'utf8'), golden);
    }
  });
}

test('a file that ends too soon, wherever that is, gives fewer series or none, and never a wrong one', () => {
  const folder = `${TESTDATA}/server/step0`;
  const files = ['stat', 'loadavg', 'meminfo', 'diskstats', '1/net/dev', '1/mountinfo', 'pressure/cpu', 'pressure/io'];
  const host = { ...openHost(folder), ...answersOf(folder) };
  const collect = (read: Host['read']) => {
    const collectors = standardCollectors(OPTIONS);
    const text = asText(collectAll(collectors, { ...host, read }, () => 0));
    return text.split('\n').filter((line) => !line.startsWith('#') && !line.startsWith('node_scrape'));
  };
  const whole = new Set(collect(host.read));
  fc.assert(
    fc.property(fc.constantFrom(...files), fc.double({ min: 0, max: 1, noNaN: true }), (file, part) => {
      const series = collect((path) => {
        const text = host.read(path);
        return path === `proc/${file}` ? text?.slice(0, Math.floor(part * text.length)) : text;
      });
      assert.deepEqual(
        series.filter((line) => !whole.has(line)),
        [],
      );
    }),
    { numRuns: 300 },
  );
  host.close();
});

function answersOf(folder: string): Pick<Host, 'statfs' | 'statfsRemote'> {
  const file = `${folder}/statfs.json`;
  const answers: Statfs = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const statfs: Host['statfs'] = (path) => {
    const answer = answers[path] ?? 'ENOENT';
    if (typeof answer === 'string') return { error: answer };
    const [size, free, available, files, filesFree] = answer;
    return { size, free, available, files, filesFree };
  };
  return { statfs, statfsRemote: (paths) => new Map(paths.map((path) => [path, statfs(path)])) };
}

/** As people read metrics, and then what failed. How long a collector took is nobody's expectation. */
function asText({ metrics, failures }: Collected): string {
  const lines = Object.entries(metrics).flatMap(([name, series]) => {
    if (name === 'node_scrape_collector_duration_seconds') return [];
    if (typeof series === 'number') return [`${name} ${series}`];
    return series.map((row) => {
      const labels = metricOf(name)?.labels.map((label, i) => `${label}=${JSON.stringify(row[i])}`);
      return `${name}{${labels?.join(',')}} ${row.at(-1)}`;
    });
  });
  const problems = [...failures].map(([collector, problem]) => `# ${collector} failed: ${problem}`);
  return `${[...lines, ...problems].join('\n')}\n`;
}
