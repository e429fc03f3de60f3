import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Ring } from './ring.ts';

test('a ring holds what a plain list of the same rules would hold', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: -3, max: 20 }), fc.float({ noNaN: true })), { maxLength: 200 });
  fc.assert(
    fc.property(steps, fc.constantFrom(4, 8, 16, 64), fc.integer({ min: 1, max: 300 }), (added, limit, span) => {
      const ring = new Ring();
      let list: [time: number, value: number][] = [];
      let [time, lost, lostOfList] = [0, 0, 0];
      for (const [step, value] of added) {
        const newest = list.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY;
        time = Math.max(0, time + step);
        lost += ring.push(time, value, time - span, (samples) => 2 * samples <= limit);
        if (time <= newest) continue;
        list = [...list.filter(([at]) => at > time - span), [time, value]];
        if (list.length > limit) {
          list.shift();
          lostOfList++;
        }
      }
      const held = Array.from({ length: ring.length }, (_, i) => [ring.timeAt(i), ring.valueAt(i)]);
      assert.deepEqual(held, list);
      assert.equal(lost, lostOfList);
      assert.ok(ring.capacity <= limit && ring.capacity < Math.max(4, 2 * added.length) + 1);
      assert.equal(ring.newest, list.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY);
      assert.equal(ring.indexAfter(time - 5), list.filter(([at]) => at <= time - 5).length);
    }),
  );
});
