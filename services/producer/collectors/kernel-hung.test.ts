import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { kernelHung, parseHungTasks } from './kernel-hung.ts';

test('hung tasks: a number, and nothing where the kernel does not count them', () => {
  const host = fakeHost({ 'proc/sys/kernel/hung_task_detect_count': '3\n' });
  assert.deepEqual(collected(kernelHung(), host), { series: ['node_kernel_hung_tasks_total 3'], failure: undefined });
  assert.deepEqual(collected(kernelHung(), fakeHost({})), { series: [], failure: undefined });
});

test('hung tasks: what is no number is NaN, and one that was cut is unreadable', () => {
  assert.equal(parseHungTasks('x\n'), Number.NaN);
  assert.equal(parseHungTasks(''), Number.NaN);
  assert.throws(() => parseHungTasks('3'), { code: 'PARSE' });
});
