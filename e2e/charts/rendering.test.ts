/**
 * Helm 3 and Helm 4 take our charts, and make the same of them. UPDATE_GOLDEN=1 writes what that is; read the difference
 * before you commit it.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { skipWithoutTool } from '../tools/tools.ts';
import {
  CASES,
  type Case,
  CHART_NAMES,
  type Changes,
  GOLDEN,
  HELMS,
  lint,
  objectsOf,
  parseObjects,
  render,
  title,
} from './charts.ts';
import { idOf, isOfTheCluster } from './object.ts';

const skip = skipWithoutTool('helm4');
const OTHER_RELEASES: Readonly<Record<string, Changes>> = {
  'another release in the same namespace': { release: 'other' },
  'a release of the same name in another namespace': { namespace: 'other' },
};
const NAMES = { helm3: 'Helm 3', helm4: 'Helm 4' };

test('every chart of ours has values files of its own to be proven with', () => {
  for (const name of ['kafka', 'plain-kafka', 'system-monitoring']) assert.ok(CHART_NAMES.includes(name), name);
  for (const chart of CHART_NAMES) {
    assert.ok(CASES.filter((each) => each.chart === chart).length > 1, `${chart} has no ci/*-values.yaml`);
  }
});

for (const each of CASES) {
  for (const helm of HELMS) {
    test(`${title(each)} passes ${NAMES[helm]}'s strict lint and renders as committed`, {
      skip: skipWithoutTool(helm),
    }, async () => {
      await lint(helm, each);
      const got = abridged(await render(helm, each));
      if (process.env.UPDATE_GOLDEN === '1') write(each, got);
      assert.equal(got, readFileSync(each.golden, 'utf8'), 'run make golden and read the difference');
    });
  }

  test(`${title(each)} is the same bytes each time`, { skip }, async () => {
    const [first, again] = await Promise.all([render('helm4', each), render('helm4', each)]);
    assert.equal(first, again);
  });

  for (const [other, changes] of Object.entries(OTHER_RELEASES)) {
    test(`${title(each)} shares nothing in the cluster with ${other}`, { skip }, async () => {
      // Who gives the full name answers for it within the namespace.
      if (changes.release !== undefined && givesFullName(each)) return;
      const ours = objectsOf(each);
      const others = parseObjects(await render('helm4', each, changes), title(each));
      assert.equal(ours.length, others.length);
      const ids = new Set(ours.filter(isOfTheCluster).map(idOf));
      const shared = others.map(idOf).filter((id) => ids.has(id));
      assert.deepEqual(shared, []);
    });
  }
}

test('no rendered text is left of values that are gone', { skip }, () => {
  const wanted = new Set(CASES.map(({ golden }) => golden));
  const found = existsSync(GOLDEN) ? readdirSync(GOLDEN, { recursive: true, withFileTypes: true }) : [];
  const files = found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const stale = files.filter((file) => !wanted.has(file));
  if (process.env.UPDATE_GOLDEN === '1') for (const file of stale) rmSync(file);
  else assert.deepEqual(stale, []);
});

function write({ golden }: Case, text: string): void {
  mkdirSync(dirname(golden), { recursive: true });
  writeFileSync(golden, text);
}

/** Dashboards are committed in the charts already: in their place stands how long they are. */
function abridged(rendered: string): string {
  return rendered.replace(/^( +)(\S+\.json): \|-?\n((?:\1 +.*\n|\n)+)/gm, (_, indent, name, text) => {
    return `${indent}${name}: ${text.length} characters\n`;
  });
}

function givesFullName({ file }: Case): boolean {
  return file !== undefined && readFileSync(file, 'utf8').includes('fullnameOverride:');
}
