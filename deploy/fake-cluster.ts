/** A cluster for the tests: what it holds is given, and what happens to programs is noted. */
import type { Cluster, Reference } from './cluster.ts';
import type { Event, KubeObject } from './objects.ts';
import type { Outcome, Run } from './run.ts';

export interface FakeCluster extends Cluster {
  readonly objects: KubeObject[];
}

interface Contents {
  readonly objects?: readonly KubeObject[];
  readonly events?: readonly Event[];
  readonly logs?: Readonly<Record<string, string>>;
  readonly pages?: Readonly<Record<string, string>>;
}

export function fakeCluster({ objects = [], events = [], logs = {}, pages = {} }: Contents): FakeCluster {
  const held = [...objects];
  return {
    objects: held,
    async read({ kind, metadata }: Reference) {
      return held.find((each) => each.kind === kind && each.metadata.name === metadata.name);
    },
    async list(_apiVersion, kind, { labels } = {}) {
      const wanted = (labels ?? '').split(',').filter((label) => label !== '');
      return held.filter((each) => {
        const has = Object.entries(each.metadata.labels ?? {}).map((pair) => pair.join('='));
        return each.kind === kind && wanted.every((label) => has.includes(label));
      });
    },
    async events() {
      return events;
    },
    async logs({ metadata }, container, _lines, previous) {
      return logs[`${metadata.name}/${container}${previous ? '/previous' : ''}`] ?? '';
    },
    async get(path) {
      return pages[path];
    },
    async version() {
      return 'v1.36.0';
    },
  };
}

/** A pod with the label app=name. */
export function pod(name: string, status: object, spec: object = { nodeName: 'node-a' }): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'ns', labels: { app: 'x' } },
    spec,
    status,
  };
}

export interface FakePrograms {
  readonly run: Run;
  /** Every call, as it would be typed. */
  readonly calls: string[];
}

/** @param answers by the beginning of the call; what is not listed succeeds and prints nothing */
export function fakePrograms(answers: Readonly<Record<string, Partial<Outcome>>> = {}): FakePrograms {
  const calls: string[] = [];
  return {
    calls,
    async run(program, args) {
      const call = [program, ...args].join(' ');
      calls.push(call);
      const answer = Object.entries(answers).find(([start]) => call.startsWith(start));
      return { code: 0, stdout: '', stderr: '', ...answer?.[1] };
    },
  };
}
