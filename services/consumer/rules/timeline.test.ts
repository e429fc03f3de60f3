import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timeline } from './timeline.ts';

/** The moments of events given as [epoch, seq, time]; the interval is 5. */
function moments(...events: readonly (readonly [epoch: string, seq: number, time: number])[]): (number | undefined)[] {
  const timeline = new Timeline();
  return events.map(([epoch, seq, time]) =>
    timeline.advance({ v: 1, cluster: 'c', node: 'n', epoch, seq, time, interval: 5, metrics: {} }),
  );
}

test('as long as the clock goes forward, a moment is the time of the event', () => {
  assert.deepEqual(moments(['a', 0, 100], ['a', 1, 105], ['a', 4, 120], ['b', 0, 121]), [100, 105, 120, 121]);
});

test('an event that came before has no moment', () => {
  assert.deepEqual(moments(['a', 3, 100], ['a', 3, 100], ['a', 2, 95], ['a', 4, 105]), [
    100,
    undefined,
    undefined,
    105,
  ]);
});

test('a clock set back takes the past along: the next event is one interval later', () => {
  assert.deepEqual(moments(['a', 0, 1000], ['a', 1, 300], ['a', 2, 305], ['a', 3, 311]), [1000, 1005, 1010, 1016]);
});

test('events missed while the clock was set back count as their intervals', () => {
  assert.deepEqual(moments(['a', 0, 1000], ['a', 4, 300]), [1000, 1020]);
});

test('a clock that stands still goes on by intervals', () => {
  assert.deepEqual(moments(['a', 0, 100], ['a', 1, 100], ['a', 2, 100]), [100, 105, 110]);
});

test('a producer that starts anew with its clock set back goes on one interval later', () => {
  assert.deepEqual(moments(['a', 7, 1000], ['b', 0, 200], ['b', 1, 205]), [1000, 1005, 1010]);
});
