import assert from 'node:assert/strict';
import { test } from 'node:test';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import './request-queue.ts';

function queue(change: Partial<RequestQueue>): RequestQueue {
  const nothing = { pending: [], throttledUntil: -1, throttleCheckTimeoutId: null };
  return Object.assign(Object.create(RequestQueue.prototype), nothing, change);
}

test('a connection on which no request waits has no timer', () => {
  const idle = queue({});
  idle.scheduleCheckPendingRequests();
  assert.equal(idle.throttleCheckTimeoutId, null);
});

test('a request that waits is looked at when the throttling ends, once', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1000 });
  let looked = 0;
  const waiting = queue({ pending: [{}], throttledUntil: 1500, checkPendingRequests: () => void looked++ });
  waiting.scheduleCheckPendingRequests();
  waiting.scheduleCheckPendingRequests();
  t.mock.timers.tick(499);
  assert.equal(looked, 0);
  t.mock.timers.tick(1);
  assert.equal(looked, 1);
  assert.equal(waiting.throttleCheckTimeoutId, null);
});

test('kafkajs still calls what is replaced here', () => {
  const source = RequestQueue.prototype.checkPendingRequests.toString();
  assert.match(source, /this\.scheduleCheckPendingRequests\(\)/);
});
