import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeHost } from './fake-host.ts';
import { pageSize } from './page-size.ts';

const TABLE: readonly [pages: string, status: string, bytes: number | undefined][] = [
  ['1000 1 1\n', 'Name:\tnode\nVmSize:\t    4000 kB\n', 4096],
  ['1000 1 1\n', 'VmSize:\t   64000 kB\n', 65_536],
  ['1000 1 1\n', 'VmSize:\t    4090 kB\n', 4096],
  ['0 0 0\n', 'VmSize:\t       0 kB\n', undefined],
  ['garbage\n', 'VmSize:\t    4000 kB\n', undefined],
  ['1000 1 1\n', 'Name:\tkthreadd\n', undefined],
];
for (const [pages, status, bytes] of TABLE) {
  test(`${JSON.stringify(status)} in ${JSON.stringify(pages)} makes pages of ${bytes}`, () => {
    assert.equal(pageSize(fakeHost({ 'proc/self/statm': pages, 'proc/self/status': status })), bytes);
  });
}

test('the size of a page is unknown where the process cannot see itself', () => {
  assert.equal(pageSize(fakeHost({})), undefined);
});
