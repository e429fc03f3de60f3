/**
 * kafkajs keeps a timer of one millisecond running for each connection, asking whether requests wait, although a request
 * only waits while the broker throttles or answers are due. It is most of what an idle agent costs, and Node.js warns of
 * its negative time-out. Here the timer runs only when something waits. (kafkajs#1556, #1704.)
 *
 * By importing the inner module rather than by patching a file, so that it holds in a bundle, too.
 */
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

/** Not throttled: an answer that comes lets the next request go, this is only for the answer that never does. */
const LOOK_AGAIN_MS = 10;

RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(): void {
  if (this.pending.length === 0 || this.throttleCheckTimeoutId !== null) return;
  const wait = Math.max(this.throttledUntil - Date.now(), LOOK_AGAIN_MS);
  this.throttleCheckTimeoutId = setTimeout(() => {
    this.throttleCheckTimeoutId = null;
    this.checkPendingRequests();
  }, wait);
};
