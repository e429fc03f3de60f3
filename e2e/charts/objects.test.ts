/** What our charts render, as an API server and as the objects themselves would look at it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skipWithoutTool } from '../tools/tools.ts';
import { CASES, type Changes, NAMESPACE, objectsOf, parseObjects, render, title } from './charts.ts';
import { idOf, isOfTheCluster, type KubernetesObject } from './object.ts';
import { podsOf } from './pods.ts';
import { looseEnds } from './references.ts';
import { problemsOf } from './validation.ts';

/** What values name on purpose, and what is there before the release. */
const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  'system-monitoring with everything values': [
    'DaemonSet/monitor-producer has no ServiceAccount producers',
    'Deployment/monitor-simulator has no ServiceAccount producers',
  ],
};

/** Objects that people bring along: `extraObjects`. */
const BROUGHT = ['ConfigMap/events-extra', 'ConfigMap/plain-kafka-extra', 'ConfigMap/system-monitoring-more'];

/** The pods that may share the namespace: those of every chart as it comes. */
const NEIGHBOURS = CASES.filter(({ values }) => values === 'default').flatMap((each) => podsOf(objectsOf(each)));

/** Names that YAML takes for numbers and truth values. */
const AMBIGUOUS: Readonly<Record<string, Changes>> = {
  kafka: { release: '123', namespace: '456' },
  'plain-kafka': { release: '123', namespace: '456', setString: ['nameOverride=true'] },
  'system-monitoring': { release: '1e3', namespace: '456', setString: ['nameOverride=true'] },
};

for (const each of CASES.filter(({ values }) => values === 'default')) {
  const skip = skipWithoutTool('helm4') || (each.chart === 'kafka' && skipWithoutTool('strimziCrds'));
  test(`${each.chart}: a release whose names look like numbers has texts for names and labels`, { skip }, async () => {
    const objects = parseObjects(await render('helm4', each, AMBIGUOUS[each.chart]), each.chart);
    assert.deepEqual(await allProblemsOf(objects), []);
  });
}

async function allProblemsOf(objects: readonly KubernetesObject[]): Promise<readonly string[]> {
  const problems = await Promise.all(
    objects.map(async (object) => (await problemsOf(object)).map((problem) => `${idOf(object)}: ${problem}`)),
  );
  return problems.flat();
}

for (const each of CASES) {
  const objects = objectsOf(each);
  const needsDefinitions = objects.some(({ apiVersion }) => apiVersion.startsWith('kafka.strimzi.io/'));
  const skip = needsDefinitions && skipWithoutTool('strimziCrds');

  test(`${title(each)}: every object is what its schema says`, { skip }, async () => {
    assert.deepEqual(await allProblemsOf(objects), []);
  });

  test(`${title(each)}: no two objects have one name, and none is in another namespace`, () => {
    const ids = objects.map(idOf);
    assert.deepEqual(ids, [...new Set(ids)]);
    for (const object of objects) {
      const allowed = isOfTheCluster(object) ? [undefined] : [undefined, NAMESPACE];
      assert.ok(allowed.includes(object.metadata.namespace), idOf(object));
    }
  });

  test(`${title(each)}: names and selectors lead somewhere`, () => {
    assert.deepEqual(looseEnds(objects, NEIGHBOURS), OUTSIDE[title(each)] ?? []);
  });

  test(`${title(each)}: objects carry the labels that everybody filters by`, () => {
    for (const object of objects.filter((each) => !BROUGHT.includes(idOf(each)))) {
      const { labels = {} } = object.metadata;
      for (const name of ['name', 'instance', 'version', 'managed-by', 'part-of']) {
        assert.ok(labels[`app.kubernetes.io/${name}`], `${idOf(object)} has no label app.kubernetes.io/${name}`);
      }
      assert.match(labels['helm.sh/chart'] ?? '', new RegExp(`^${each.chart}-\\d`), idOf(object));
    }
  });
}
