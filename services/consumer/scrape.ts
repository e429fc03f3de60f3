/**
 * `/metrics`: the nodes' series, streamed, then the consumer's own from prom-client; compressed where it is asked for. Nodes
 * are shown only while it is certain that no other replica shows them, too.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { constants, createGzip } from 'node:zlib';
import { acceptsGzip } from '#runtime/accepts-gzip.ts';
import type { Route } from '#runtime/http.ts';
import { EXPOSITION_TYPE, render } from './exposition.ts';
import type { ConsumerMetrics, Shown } from './metrics.ts';
import type { NodeView } from './state.ts';

const LOOK_AGAIN_MS = 20;

/**
 * @param current whether all that is owned has been caught up with
 * @param patienceMs How long a scrape waits for that, and to be certain. A group that shares out its partitions takes some
 * milliseconds, and an answer without nodes would make all of their series stale until the next.
 */
export function scrapeRoute(
  shown: Omit<Shown, 'judge'>,
  metrics: ConsumerMetrics,
  current: () => boolean,
  now: () => number,
  patienceMs: number,
): Route {
  async function certain(): Promise<boolean> {
    for (const end = performance.now() + patienceMs; !(shown.fresh() && current()); await setTimeout(LOOK_AGAIN_MS)) {
      if (performance.now() >= end) return shown.fresh();
    }
    return true;
  }

  return async (request, response) => {
    const finished = metrics.scrapeDuration.startTimer();
    const gzip = acceptsGzip(request.headers['accept-encoding']);
    response.setHeader('content-type', EXPOSITION_TYPE);
    response.setHeader('vary', 'accept-encoding');
    if (gzip) response.setHeader('content-encoding', 'gzip');
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    const nodes = (await certain()) ? shown.state.nodes() : undefined;
    const text = Readable.from(body(nodes, metrics, shown.fresh, now()), { objectMode: false });
    try {
      // Level 1: five times the speed of the default, and this text compresses well at any level.
      if (gzip) await pipeline(text, createGzip({ level: constants.Z_BEST_SPEED }), response);
      else await pipeline(text, response);
      finished();
    } catch (error) {
      // A scraper that hangs up before the end has timed out; it comes again. Pipelines destroy what they have not finished.
      if (error !== NOT_FRESH && (error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
      metrics.scrapesAborted.inc();
    }
  };
}

/** An answer that is cut off is none for Prometheus; half of the nodes that may be another replica's by now would be one. */
const NOT_FRESH = new Error('it is not certain any more whose nodes these are');

/** @param nodes none are shown if it is not certain whose they are. */
async function* body(
  nodes: readonly NodeView[] | undefined,
  metrics: ConsumerMetrics,
  fresh: () => boolean,
  now: number,
): AsyncGenerator<string> {
  let size = 0;
  for (const piece of nodes === undefined ? [] : render(nodes, now)) {
    if (!fresh()) throw NOT_FRESH;
    size += Buffer.byteLength(piece);
    yield piece;
    // Between pieces the event loop serves others: rendering a large fleet takes a second or so in all.
    await setImmediate();
  }
  metrics.scrapeSize.set(size);
  yield await metrics.registry.metrics();
  // A process that was frozen since the last piece sends the end of what was true then: the answer has no end.
  if (nodes !== undefined && !fresh()) throw NOT_FRESH;
}
