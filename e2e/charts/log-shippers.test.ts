/** Whichever program ships the logs, Loki has the same labels and the same structured metadata of our lines. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { createLog } from '#runtime/log.ts';
import { CASES, objectsOf, title } from './charts.ts';
import { containersOf, podsOf } from './pods.ts';

const VALUES = join(import.meta.dirname, '../../charts/values');
const read = (name: string) => parse(readFileSync(join(VALUES, `${name}.yaml`), 'utf8'));

interface Pipeline {
  readonly selector: string;
  readonly json: Readonly<Record<string, string>>;
  readonly timestamp: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
}

function promtail(): Pipeline {
  const { match } = stageOf(read('promtail').config.snippets.pipelineStages, 'match');
  const { selector, stages: own } = match;
  const stage = (name: string) => stageOf(own, name)[name];
  return {
    selector,
    json: stage('json').expressions,
    timestamp: stage('timestamp'),
    labels: stage('labels'),
    metadata: stage('structured_metadata'),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: every stage has fields of its own
function stageOf(stages: readonly Record<string, any>[], name: string): Record<string, any> {
  return stages.find((stage) => name in stage) ?? {};
}

function alloy(): Pipeline {
  const content: string = read('alloy').alloy.configMap.content;
  const stage = (name: string) =>
    new RegExp(`stage\\.${name} \\{\\n([^{}]*(?:\\{[^{}]*\\}[^{}]*)?)\\n *\\}`).exec(content)?.[1] ?? '';
  const [, selector = '""'] = /stage\.match \{\s+selector\s*= ("(?:[^"\\]|\\.)*")/.exec(content) ?? [];
  return {
    selector: JSON.parse(selector),
    json: attributes(/\{(.*)\}/s.exec(stage('json'))?.[1]),
    timestamp: attributes(stage('timestamp')),
    labels: attributes(/\{(.*)\}/s.exec(stage('labels'))?.[1]),
    metadata: attributes(/\{(.*)\}/s.exec(stage('structured_metadata'))?.[1]),
  };
}

/** `name = "value"`, any number of them. */
function attributes(text = ''): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)\s*= "([^"]*)"/g)].map(([, name, value]) => [String(name), String(value)]),
  );
}

test('Promtail and Alloy make the same labels and structured metadata of the same lines', () => {
  assert.deepEqual(alloy(), promtail());
});

test('the fields of an alert become what queries filter by', () => {
  const { json, labels, metadata, timestamp } = promtail();
  assert.deepEqual(Object.keys(labels), ['level', 'event', 'state', 'severity']);
  assert.deepEqual(Object.keys(metadata), ['node', 'cluster', 'alert', 'alertId']);
  for (const field of [...Object.keys(labels), ...Object.keys(metadata), 'time']) assert.equal(json[field], field);
  assert.deepEqual(timestamp, { source: 'time', format: 'RFC3339Nano' });
});

test("the lines that are parsed are our consumer's, whatever its release is called", () => {
  // In double quotes, the only ones that Promtail's own parser knows; it ends at start where it meets others.
  const selector =
    /^\{container="([^"]+)",component="([^"]+)"\} \|= ("(?:[^"\\]|\\.)+")$/.exec(promtail().selector) ?? [];
  const [, container, component, quoted = '"no text"'] = selector;
  const text = JSON.parse(quoted);
  const cases = CASES.filter(({ chart }) => chart === 'system-monitoring');
  const apps = cases.map((each) => {
    const pods = podsOf(objectsOf(each)).filter(
      (pod) =>
        pod.labels['app.kubernetes.io/component'] === component &&
        containersOf(pod).some(({ name }) => name === container),
    );
    assert.deepEqual(
      pods.map(({ of }) => of.kind),
      ['Deployment'],
      title(each),
    );
    return pods[0]?.labels['app.kubernetes.io/name'];
  });
  assert.deepEqual([...new Set(apps)].toSorted(), ['system-monitoring', 'watch']);
  assert.ok(logLine().includes(text), text);
});

/** A line of the consumer's, alert or not. */
function logLine(): string {
  let line = '';
  const log = createLog('consumer', 'info', {
    write: (text) => {
      line += text;
    },
  });
  log.info('ready');
  return line;
}
