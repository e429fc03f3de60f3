import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from './duration.ts';

test('durations read as in Prometheus', () => {
  for (const [text, ms] of [
    ['0', 0],
    ['0s', 0],
    ['1ms', 1],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
    ['1w2d', 777_600_000],
    ['1y', 31_536_000_000],
    ['1y2w3d4h5m6s7ms', 33_019_506_007],
  ] as const) {
    assert.equal(parseDuration(text), ms, text);
  }
});

test('what is no duration is none', () => {
  for (const text of ['', '5', '-5m', '1.5h', '30m1h', '5 m', '5M', 'm', '1m1m', '9999999999999y']) {
    assert.equal(parseDuration(text), undefined, text);
  }
});
