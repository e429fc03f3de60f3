import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { type ProcessState, parseProcessStat, processes } from './processes.ts';

const stat = (id: number, state: string, threads: number, name = 'name') =>
  `${id} (${name}) ${state} 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 ${threads} 0 100 0 0\n`;

const TABLE: readonly [what: string, text: string, expected: ProcessState][] = [
  ['a state and a number of threads', stat(1, 'S', 3), { state: 'S', threads: 3 }],
  ['brackets in the name', stat(1, 'R', 1, 'a) Z 0 (b'), { state: 'R', threads: 1 }],
  ['a line end in the name', stat(1, 'D', 2, 'a\nb'), { state: 'D', threads: 2 }],
];
for (const [what, text, expected] of TABLE) {
  test(`/proc/PID/stat: ${what}`, () => {
    assert.deepEqual(parseProcessStat(text), expected);
  });
}

test('/proc/PID/stat: what was cut or garbled is unreadable', () => {
  for (const text of ['1 (na', '1 (name) S 1 1', stat(1, '?', 1), stat(1, 'S', Number.NaN)]) {
    assert.throws(() => parseProcessStat(text), { code: 'PARSE' }, text);
  }
});

const HOST: Readonly<Record<string, string>> = {
  'proc/1/stat': stat(1, 'S', 1),
  'proc/7/stat': stat(7, 'S', 3),
  'proc/7/task/7/stat': stat(7, 'S', 3),
  'proc/7/task/8/stat': stat(8, 'R', 3),
  'proc/7/task/9/gone': '',
  'proc/20/stat': stat(20, 'I', 1),
  'proc/30/gone': '',
  'proc/sys/kernel/threads-max': '192730\n',
  'proc/sys/kernel/pid_max': '32768\n',
  'proc/sys/kernel/osrelease': '6.18.44\n',
  'proc/self/status': 'Name:\tnode\nNSpid:\t7\n',
};

test('processes: they and their threads by state, those that ended meanwhile left out', () => {
  assert.deepEqual(collected(processes(), fakeHost(HOST)), {
    series: [
      'node_processes_pids 3',
      'node_processes_threads 5',
      'node_processes_state{state="S"} 2',
      'node_processes_state{state="I"} 1',
      'node_processes_threads_state{thread_state="S"} 2',
      'node_processes_threads_state{thread_state="I"} 1',
      'node_processes_threads_state{thread_state="R"} 1',
      'node_processes_max_threads 192730',
      'node_processes_max_processes 32768',
    ],
    failure: undefined,
  });
});

test("processes: the limit of a container's own process namespace is not the host's", () => {
  const nested = { ...HOST, 'proc/self/status': 'Name:\tnode\nNSpid:\t700\t1\n' };
  const limit = (files: Readonly<Record<string, string>>) =>
    collected(processes(), fakeHost(files)).series.some((line) => line.startsWith('node_processes_max_processes'));
  assert.equal(limit(nested), false);
  assert.equal(limit({ ...nested, 'proc/sys/kernel/osrelease': '6.13.2-generic\n' }), true);
  assert.equal(limit({ ...nested, 'proc/sys/kernel/osrelease': '7.0.1\n' }), false);
});

test('processes: where those of others are hidden, none are counted', () => {
  const { 'proc/1/stat': _, ...hidden } = HOST;
  const { series, failure } = collected(processes(), fakeHost(hidden));
  assert.deepEqual(series, []);
  assert.match(failure ?? '', /hidepid/);
});
