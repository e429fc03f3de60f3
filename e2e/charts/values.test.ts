/** What people may write into values files, and what they are told when they write something else. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { skipWithoutTool } from '../tools/tools.ts';
import { CASES, type Case, CHART_NAMES, HELMS, renderOutcome } from './charts.ts';

function byDefault(chart: string): Case {
  const found = CASES.find((each) => each.chart === chart && each.values === 'default');
  assert.ok(found);
  return found;
}

/** chart, `--set`, what Helm's message has to name. */
const REFUSED: readonly (readonly [chart: string, set: string, named: RegExp])[] = [
  ['system-monitoring', 'consumer.replica=3', /replica\b/],
  ['system-monitoring', 'consumer.replicas=x', /replicas/],
  ['system-monitoring', 'consumer.replicas=-1', /replicas/],
  ['system-monitoring', 'producer.hostPath.mode=hsot', /mode/],
  ['system-monitoring', 'producer.image.tagg=1', /tagg/],
  ['system-monitoring', 'producer.logLevel=trace', /logLevel/],
  ['system-monitoring', 'network.enabled=true', /network\b/],
  ['kafka', 'clusterNam=metrics', /clusterNam\b/],
  ['kafka', 'nameOverride=x', /nameOverride\b/],
  ['plain-kafka', 'imag.tag=1', /imag\b/],
];

for (const [chart, set, named] of REFUSED) {
  for (const helm of HELMS) {
    test(`${chart}: ${helm} refuses --set ${set} and names the key`, { skip: skipWithoutTool(helm) }, async () => {
      const { status, stderr } = await renderOutcome(helm, byDefault(chart), { set: [set] });
      assert.equal(status, 1);
      assert.match(stderr, named);
    });
  }
}

for (const chart of CHART_NAMES) {
  const { folder } = byDefault(chart);
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');

  test(`${chart}: the default values are what the chart's own schema asks for`, () => {
    const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(
      JSON.parse(read('values.schema.json')),
    );
    assert.ok(validate(parse(read('values.yaml'))), JSON.stringify(validate.errors));
  });

  // `global` belongs to Helm: what a parent chart puts there reaches every chart.
  test(`${chart}: the schema lets no unknown key pass in any group of values but global`, () => {
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(JSON.parse(read('values.schema.json')));
    const values = parse(read('values.yaml'));
    for (const path of groups(JSON.parse(read('values.schema.json'))).filter(([first]) => first !== 'global')) {
      const changed = structuredClone(values);
      const group = path.reduce((at, key) => {
        at[key] ??= {};
        return at[key];
      }, changed);
      group.misspelt = 1;
      assert.ok(!validate(changed), [...path, 'misspelt'].join('.'));
    }
  });

  test(`${chart}: the README lists every value, or the group of it`, () => {
    const readme = read('README.md');
    const isListed = (path: string): boolean =>
      readme.includes(`\`${path}\``) || (path.includes('.') && isListed(path.replace(/\.[^.]+$/, '')));
    assert.deepEqual(
      leaves(JSON.parse(read('values.schema.json'))).filter((path) => !isListed(path)),
      [],
    );
  });
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** The paths of the objects that have keys of their own. */
function groups({ properties }: Schema, path: readonly string[] = []): readonly (readonly string[])[] {
  if (properties === undefined) return [];
  return [path, ...Object.entries(properties).flatMap(([key, schema]) => groups(schema, [...path, key]))];
}

/** The paths of the values below them: `consumer.replicas`. */
function leaves({ properties }: Schema, path = ''): readonly string[] {
  if (properties === undefined) return [path];
  return Object.entries(properties).flatMap(([key, schema]) => leaves(schema, path === '' ? key : `${path}.${key}`));
}
