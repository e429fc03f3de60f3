import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ListeningClock } from './listening.ts';

/** Tells the clock every second, from one moment to another. */
function listen(clock: ListeningClock, from: number, to: number): void {
  for (let asOf = from; asOf <= to; asOf += 1000) clock.listen(asOf);
}

function running(): ListeningClock {
  const clock = new ListeningClock();
  listen(clock, 0, 15_000);
  assert.equal(clock.ms, 0);
  return clock;
}

test('it runs with the partition, once the producers have had their time to come', () => {
  const clock = running();
  listen(clock, 16_000, 20_000);
  assert.equal(clock.ms, 5_000);
});

test('it stands while the bus is away, and until the producers have had their time again', () => {
  const clock = running();
  listen(clock, 16_000, 20_000);
  listen(clock, 100_000, 115_000);
  assert.equal(clock.ms, 5_000);
  listen(clock, 116_000, 116_000);
  assert.equal(clock.ms, 6_000);
});

test('it stands while it was never known that all was handled', () => {
  const clock = new ListeningClock();
  for (let i = 0; i < 100; i++) clock.listen(undefined);
  assert.deepEqual([clock.ms, clock.at(1e12)], [0, 0]);
});

test('a clock of the machine that is set, forward or back, makes no silence', () => {
  for (const set of [-3_600_000, 3_600_000]) {
    const clock = running();
    listen(clock, 16_000 + set, 31_000 + set);
    assert.equal(clock.ms, 0);
    listen(clock, 32_000 + set, 33_000 + set);
    assert.equal(clock.ms, 2_000);
  }
});

test('what is heard between two looks counts from when it was heard', () => {
  const clock = running();
  clock.listen(16_000);
  assert.equal(clock.at(16_700), 1_700);
  assert.equal(clock.at(90_000), 1_000);
  assert.equal(clock.at(0), 1_000);
});

test('it shows no more than what was listened to, however it is told, and never goes back', () => {
  const step = fc.oneof(fc.integer({ min: 0, max: 4_000 }), fc.integer({ min: -100_000, max: 100_000 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const clock = new ListeningClock();
      let [asOf, listened, before] = [1e9, 0, 0];
      clock.listen(asOf);
      for (const ms of steps) {
        asOf += ms;
        clock.listen(asOf);
        if (ms >= 0 && ms <= 3_000) listened += ms;
        assert.ok(clock.ms >= before && clock.ms <= listened);
        assert.ok(clock.at(asOf) === clock.ms);
        before = clock.ms;
      }
    }),
  );
});
