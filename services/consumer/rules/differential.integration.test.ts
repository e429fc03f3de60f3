/**
 * Expressions that nobody thought of: random ones, over series with resets, gaps, NaN and ends. What this engine answers
 * becomes the expectation of a file of unit tests, which promtool then judges. A mismatch shows the expression, and SEED
 * gives the same ones again.
 *
 * What is no difference is kept out of it: samples never lie exactly at the begin of a range, where Prometheus 2 differs, and
 * values are compared to a few decimals, because Prometheus does not say in which order it adds up.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parsePromql } from './promql/parse.ts';
import { runTests } from './unit-test/run.ts';
import { parseTestFile } from './unit-test/test-file.ts';

const EXPRESSIONS = 300;
const STEP_S = 15;
/** Late enough that ranges are full, since Prometheus 2 goes a little further where a counter begins. */
const TIMES = ['15m', '16m30s', '17m15s'];
const SAMPLES = 70;

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const programs = [
  { program: 'promtool', missing: 'promtool is not on the PATH: install the Debian package "prometheus"' },
  { program: process.env.PROMTOOL3 ?? '', missing: 'PROMTOOL3 does not name a promtool of Prometheus 3' },
];

/** Whole numbers and halves, so that most of what is made of them is exact. */
const value = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: -40, max: 200 }).map((n) => String(n / 2)) },
  { weight: 1, arbitrary: fc.constantFrom('NaN', 'Inf', '-Inf', '0', '-0') },
);
const gauge = fc.array(fc.oneof({ weight: 14, arbitrary: value }, { weight: 1, arbitrary: fc.constant('stale') }), {
  minLength: SAMPLES,
  maxLength: SAMPLES,
});
/** Rises, and now and then begins again. */
const counter = fc
  .array(fc.oneof({ weight: 10, arbitrary: fc.nat(60) }, { weight: 1, arbitrary: fc.constant('reset') }), {
    minLength: SAMPLES,
    maxLength: SAMPLES,
  })
  .map((steps) => {
    let total = 0;
    return steps.map((step) => {
      total = step === 'reset' ? 0 : total + Number(step);
      return String(total);
    });
  });

const NODE = (node: string, more: string): string =>
  `{${more}cluster="c",instance="${node}",job="node-exporter",node="${node}"}`;
const SERIES = [
  ...['n1', 'n2'].flatMap((node) => [
    { name: `node_load1${NODE(node, '')}`, values: gauge },
    { name: `node_load5${NODE(node, '')}`, values: gauge },
  ]),
  ...['sda', 'sdb', 'nvme0n1'].flatMap((device) => [
    { name: `node_disk_io_now${NODE('n1', `device="${device}",`)}`, values: gauge },
    { name: `node_disk_reads_completed_total${NODE('n1', `device="${device}",`)}`, values: counter },
  ]),
  { name: `node_disk_reads_completed_total${NODE('n2', 'device="sda",')}`, values: counter },
];
const inputs = fc.tuple(...SERIES.map(({ values }) => values));

const duration = fc.constantFrom('50s', '1m35s', '2m8s', '4m53s');
const offset = fc.constantFrom('', '', '', ' offset 15s', ' offset 1m', ' offset 2m30s');
const number = fc.constantFrom('0', '1', '-1', '2', '0.5', '3', '10', '100', '-7');
const matcher = fc.constantFrom(
  '',
  '',
  '{node="n1"}',
  '{node!="n1"}',
  '{instance=~"n.*"}',
  '{cluster="c",node=~"n1|n3"}',
);
const deviceMatcher = fc.constantFrom(
  '',
  '',
  '{device="sda"}',
  '{device!="sda"}',
  '{device=~"sd.*"}',
  '{device!~"sd[b-z]"}',
);

const counters = deviceMatcher.map((matchers) => `node_disk_reads_completed_total${matchers}`);
const selector = fc.oneof(
  fc.tuple(fc.constantFrom('node_load1', 'node_load5'), matcher).map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom('node_disk_io_now', 'node_disk_reads_completed_total'), deviceMatcher)
    .map((parts) => parts.join('')),
);
const OVER_TIME = [
  ...['delta', 'idelta', 'deriv', 'resets', 'changes'],
  ...['avg', 'min', 'max', 'sum', 'count', 'stddev', 'last', 'present'].map((name) => `${name}_over_time`),
];
const MAPPINGS = [
  'abs',
  'ceil',
  'floor',
  'round',
  'sgn',
  'exp',
  'ln',
  'log2',
  'log10',
  'sqrt',
  '-',
  'sort',
  'timestamp',
];

const { vector } = fc.letrec<{ vector: string; range: string }>((tie) => ({
  vector: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(selector, offset).map((parts) => parts.join('')),
    fc
      .tuple(fc.constantFrom('rate', 'irate', 'increase'), counters, duration, offset)
      .map(([name, of, range, past]) => `${name}(${of}[${range}]${past})`),
    fc.tuple(fc.constantFrom(...OVER_TIME), tie('range')).map(([name, range]) => `${name}(${range})`),
    fc
      .tuple(fc.constantFrom('0', '0.25', '0.5', '0.9', '1', '2'), tie('range'))
      .map(([q, range]) => `quantile_over_time(${q}, ${range})`),
    fc.tuple(tie('range'), fc.constantFrom('60', '-30', '600')).map(([range, s]) => `predict_linear(${range}, ${s})`),
    fc.tuple(fc.constantFrom(...MAPPINGS), tie('vector')).map(([name, of]) => `${name}(${of})`),
    tie('vector').map((of) => `exp(clamp(${of}, -9, 9))`),
    fc.tuple(tie('vector'), number, number).map(([of, a, b]) => `clamp(${of}, ${a}, ${b})`),
    fc
      .tuple(fc.constantFrom('clamp_min', 'clamp_max', 'round'), tie('vector'), number)
      .map(([name, of, n]) => `${name}(${of}, ${n})`),
    fc
      .tuple(
        fc.constantFrom('sum', 'avg', 'min', 'max', 'count'),
        fc.constantFrom('by (instance)', 'by (node, device)', 'without (device)', 'by (cluster, node)'),
        tie('vector'),
      )
      .map(([name, grouping, of]) => `${name} ${grouping} (${of})`),
    fc
      .tuple(fc.constantFrom('0', '0.3', '0.5', '1'), tie('vector'))
      .map(([q, of]) => `quantile by (instance) (${q}, ${of})`),
    fc
      .tuple(tie('vector'), fc.constantFrom('+', '-', '*', '/', '%', '==', '!=', '>', '<', '>=', '<='), number)
      .map(([of, operator, n]) => `(${of}) ${operator} ${n}`),
    fc
      .tuple(number, fc.constantFrom('+', '-', '*', '/', '> bool', '<= bool'), tie('vector'))
      .map(([n, operator, of]) => `${n} ${operator} (${of})`),
    fc
      .tuple(
        tie('vector'),
        fc.constantFrom('+', '-', '*', '/', '>', '<= bool', '== bool', 'and', 'unless'),
        tie('vector'),
      )
      .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
    fc
      .tuple(
        tie('vector'),
        fc.constantFrom('and on (instance)', 'unless on (node)', '* on (instance) group_left'),
        tie('vector'),
      )
      .map(([left, operator, right]) =>
        operator.startsWith('*')
          ? `(${left}) ${operator} max by (instance) (${right})`
          : `(${left}) ${operator} (${right})`,
      ),
  ),
  range: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(selector, duration, offset).map(([of, range, past]) => `${of}[${range}]${past}`),
    fc
      .tuple(tie('vector'), duration, fc.constantFrom('15s', '30s'))
      .map(([of, range, step]) => `(${of})[${range}:${step}]`),
  ),
}));

/** A subquery over "or" may give two series with the same labels in turn, which Prometheus answers with an error. */
const top = fc.oneof(
  { weight: 9, arbitrary: vector },
  { weight: 1, arbitrary: fc.tuple(vector, vector).map(([left, right]) => `(${left}) or (${right})`) },
);

/**
 * What two programs that add up in another order agree on: values rounded, of those that are not so large that this is
 * too much to ask, and which of them are numbers.
 */
const questions = (expr: string): string[] => [`abs(round(${expr}, 0.00137)) < 1e9`, `(${expr}) <= bool Inf`];

for (const { program, missing } of programs) {
  const found = program !== '' && spawnSync(program, ['--version']).error === undefined;
  const skip = found || (program === 'promtool' && process.env.CI === 'true') ? false : missing;
  test(`${program || 'promtool 3'} agrees with this engine on random expressions`, { skip }, (t) => {
    t.diagnostic(`SEED=${seed}`);
    const exprs = drawn();
    const [values = []] = fc.sample(inputs, { numRuns: 1, seed });
    const file = fileOf(values, exprs);
    const outcomes = runTests(parseTestFile(file, 'random.test.yaml'), []);
    const answered = fileOf(
      values,
      exprs,
      outcomes.map(({ actual }) => actual),
    );
    const directory = mkdtempSync(join(tmpdir(), 'differential-'));
    try {
      writeFileSync(join(directory, 'random.test.yaml'), answered);
      const { status, stdout, stderr } = spawnSync(program, ['test', 'rules', 'random.test.yaml'], {
        cwd: directory,
        encoding: 'utf8',
      });
      assert.equal(status, 0, `SEED=${seed}\n${stdout}${stderr}`);
    } finally {
      rmSync(directory, { recursive: true });
    }
    const some = outcomes.filter(({ actual }) => actual.length > 0).length;
    assert.ok(some > outcomes.length / 3, `${some} of ${outcomes.length} answers have any series`);
  });
}

/** Different ones that this engine takes, the same for each seed. */
function drawn(): string[] {
  const exprs = new Set<string>();
  for (const expr of fc.sample(top, { numRuns: 3 * EXPRESSIONS, seed })) {
    if ('expr' in parsePromql(expr)) exprs.add(expr);
    if (exprs.size === EXPRESSIONS) return [...exprs];
  }
  throw new Error(`only ${exprs.size} of ${3 * EXPRESSIONS} expressions are taken`);
}

function fileOf(
  values: readonly (readonly string[])[],
  exprs: readonly string[],
  answers?: readonly (readonly string[])[],
) {
  const series = SERIES.map(({ name }, i) => ({ series: name, values: values[i]?.join(' ') }));
  const checks = exprs.flatMap((expr, i) =>
    questions(expr).map((question) => ({ expr: question, eval_time: TIMES[i % TIMES.length] })),
  );
  const answered = checks.map((check, i) => ({ ...check, exp_samples: answers?.[i]?.map(sampleOf) ?? [] }));
  const tests = [{ interval: `${STEP_S}s`, input_series: series, promql_expr_test: answered }];
  return stringify({ evaluation_interval: `${STEP_S}s`, tests });
}

function sampleOf(text: string) {
  const space = text.lastIndexOf(' ');
  return { labels: text.slice(0, space), value: Number(text.slice(space + 1).replace('Inf', 'Infinity')) };
}
