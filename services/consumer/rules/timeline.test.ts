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

test('who claims to be the node with a clock of its own does not move its time', () => {
  const [hour, year] = [3600, 31_536_000];
  assert.deepEqual(
    moments(['a', 7, year], ['forged', 0, 0], ['forged', 1, 5], ['a', 8, year + 15], ['a', 9, year + 20]),
    [year, year + 5, year + 10, year + 15, year + 20],
  );
  assert.deepEqual(
    moments(['a', 0, year], ['b', 0, year - hour], ['a', 1, year + 5], ['b', 1, year - hour + 5], ['a', 2, year + 10]),
    [year, year + 5, year + 10, year + 15, year + 20],
  );
});

test('a run is back when it goes on after another, and what it repeats has no moment', () => {
  const timeline = new Timeline();
  const advance = (epoch: string, seq: number) =>
    timeline.advance({ v: 1, cluster: 'c', node: 'n', epoch, seq, time: 0, interval: 5, metrics: {} });
  const seen = (['a0', 'a1', 'b0', 'b1', 'a1', 'b1', 'a2', 'a3', 'b2'] as const).map((event) => {
    const moment = advance(event.slice(0, 1), Number(event.slice(1)));
    return [moment, timeline.back];
  });
  assert.deepEqual(seen, [
    [0, false],
    [5, false],
    [10, false],
    [15, false],
    [undefined, false],
    [undefined, false],
    [20, true],
    [25, false],
    [30, true],
  ]);
});
