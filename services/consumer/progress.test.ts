import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Progress } from './progress.ts';

const never = () => new Promise<void>(() => undefined);

function open() {
  const clock = { now: 5 };
  const progress = new Progress(() => clock.now);
  progress.look(undefined);
  /** Looks once a second for as long, and tells when it is first taken for stuck. */
  const stuckWithin = (seconds: number, read: (second: number) => string | undefined): number | undefined => {
    for (let second = 1; second <= seconds; second++) {
      clock.now += 1000;
      progress.look(read(second));
      if (progress.trouble() !== undefined) return second;
    }
    return undefined;
  };
  return { clock, progress, stuckWithin };
}

test('a batch that is not handled any more is stuck after half a minute, whether or not the bus is there', () => {
  for (const read of [undefined, 'as before']) {
    const { progress, stuckWithin } = open();
    progress.handling(never);
    assert.equal(
      stuckWithin(600, () => read),
      32,
    );
    assert.equal(progress.trouble(), 'a batch takes too long');
  }
});

test('a batch of which now and then something is handled takes as long as it does', () => {
  const { progress, stuckWithin } = open();
  progress.handling(never);
  const read = (second: number) => {
    if (second % 25 === 0) progress.step();
    return undefined;
  };
  assert.equal(stuckWithin(600, read), undefined);
});

test('a batch that waits for the bus is not stuck, and is again when it goes on', async () => {
  const { progress, stuckWithin } = open();
  const { promise, resolve } = Promise.withResolvers<void>();
  const waits = progress.handling(async () => {
    await progress.waiting(() => promise);
    await never();
  });
  assert.equal(
    stuckWithin(3600, () => undefined),
    undefined,
  );
  resolve();
  await Promise.race([waits, new Promise((done) => setImmediate(done))]);
  assert.equal(
    stuckWithin(600, () => undefined),
    32,
  );
});

test('with nothing in hand it is stuck when nothing is read for a minute, and nothing hinders it', () => {
  const { progress, stuckWithin } = open();
  assert.equal(stuckWithin(600, String), undefined);
  assert.equal(
    stuckWithin(600, () => undefined),
    undefined,
  );
  assert.equal(
    stuckWithin(600, () => 'as before'),
    62,
  );
  assert.equal(progress.trouble(), 'nothing is read, and nothing says why');
  progress.look('further');
  assert.equal(progress.trouble(), undefined);
});

test('a process that was frozen has not stood still', () => {
  const { clock, progress } = open();
  progress.handling(never);
  progress.look('as before');
  clock.now += 3_600_000;
  progress.look('as before');
  assert.equal(progress.trouble(), undefined);
});
