/** The parts of the page that need no browser; the rest is tested in one (e2e/page.test.ts). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TransitionRow } from '../api/shapes.ts';
import { bytesPerSecond, count, duration, load, percent } from './client/format.ts';
import { Lives } from './client/lives.ts';
import { hashOf, placeOf } from './client/place.ts';

test('numbers are written with their units, and what is not known as a dash', () => {
  const written = [
    [percent(34.25), '34.3 %'],
    [percent(0), '0.0 %'],
    [percent(undefined), '–'],
    [count(3), '3'],
    [load(0.456), '0.46'],
    [bytesPerSecond(0), '0 B/s'],
    [bytesPerSecond(999), '999 B/s'],
    [bytesPerSecond(999.7), '1.00 kB/s'],
    [bytesPerSecond(12_345), '12.3 kB/s'],
    [bytesPerSecond(123_456_789), '123 MB/s'],
    [bytesPerSecond(null), '–'],
    [duration(119), '119 s'],
    [duration(600), '10 min'],
    [duration(-1), '0 s'],
    [duration(10_800), '3 h'],
    [duration(400_000), '5 d'],
  ];
  for (const [found, expected] of written) assert.equal(found, expected);
});

test('a place survives its address, whatever the node is called', () => {
  for (const node of [undefined, { cluster: 'c', node: 'n' }, { cluster: 'a&b=#', node: 'x/y?<z>%' }]) {
    for (const rangeMs of [5 * 60_000, 60 * 60_000])
      assert.deepEqual(placeOf(hashOf({ node, rangeMs })), { node, rangeMs });
  }
  assert.deepEqual(placeOf('#minutes=7&node=n'), placeOf(''));
});

const row = (alertId: string, state: TransitionRow['state'], timeMs: number): TransitionRow => ({
  ...{ alertId, alertname: 'A', state, severity: 'warning', cluster: 'c', node: 'n', sinceMs: 1, value: 1 },
  ...{ late: false, labels: {}, annotations: {}, timeMs, wasFiring: true },
});

test('a life has the times of its transitions; one that is told again is no news', () => {
  const lives = new Lives();
  assert.equal(lives.take(row('a', 'pending', 1)), true);
  assert.equal(lives.take(row('a', 'firing', 2)), true);
  assert.equal(lives.take(row('a', 'firing', 2)), false);
  assert.equal(lives.active().length, 1);
  assert.equal(lives.take(row('a', 'resolved', 3)), true);
  const { firedMs, endedMs } = lives.get('a') ?? {};
  assert.deepEqual([firedMs, endedMs, lives.active().length], [2, 3, 0]);
  assert.equal(lives.take({ ...row('b', 'firing', 4), severity: 'none' }), false);
});

test('what is loaded anew takes the place of what was known', () => {
  const lives = new Lives();
  lives.take(row('gone', 'firing', 2));
  lives.load(
    [row('old', 'firing', 0), row('new', 'firing', 5)],
    [row('new', 'firing', 5), row('over', 'firing', 3), row('over', 'resolved', 4)],
  );
  assert.deepEqual(
    lives.active().map(({ row }) => row.alertId),
    ['new', 'old'],
  );
  assert.deepEqual(
    lives.stream.map(({ alertId, state }) => `${alertId} ${state}`),
    ['over resolved', 'over firing', 'new firing'],
  );
});
