import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected, fakeHost } from '../host/fake-host.ts';
import { entropy, parseBits } from './entropy.ts';

const TABLE: readonly [text: string, expected: number][] = [
  ['256\n', 256],
  ['0\n', 0],
  ['', Number.NaN],
  ['many\n', Number.NaN],
];
for (const [text, expected] of TABLE) {
  test(`entropy: ${JSON.stringify(text)}`, () => {
    assert.equal(parseBits(text), expected);
  });
}

test('entropy: one that was cut is unreadable', () => {
  assert.throws(() => parseBits('25'), { code: 'PARSE' });
});

test('entropy: a file that is missing is absent and told, since every Linux has it', () => {
  const { series, failure } = collected(entropy(), fakeHost({ 'proc/sys/kernel/random/poolsize': '256\n' }));
  assert.deepEqual(series, ['node_entropy_pool_size_bits 256']);
  assert.match(failure ?? '', /node_entropy_available_bits/);
});
