/** `/metrics`: the nodes' series, streamed, then the consumer's own from prom-client; compressed where it is asked for. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { constants, createGzip } from 'node:zlib';
import type { Route } from '#runtime/http.ts';
import { EXPOSITION_TYPE, render } from './exposition.ts';
import type { ConsumerMetrics } from './metrics.ts';
import type { State } from './state.ts';

export function scrapeRoute(state: State, metrics: ConsumerMetrics, now: () => number): Route {
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
    const time = now();
    const text = Readable.from(body(render(state.nodes(time), time), metrics), { objectMode: false });
    try {
      // Level 1: five times the speed of the default, and this text compresses well at any level.
      if (gzip) await pipeline(text, createGzip({ level: constants.Z_BEST_SPEED }), response);
      else await pipeline(text, response);
      finished();
    } catch (error) {
      // A scraper that hangs up before the end has timed out; it comes again.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
      metrics.scrapesAborted.inc();
    }
  };
}

async function* body(pieces: Iterable<string>, metrics: ConsumerMetrics): AsyncGenerator<string> {
  let size = 0;
  for (const piece of pieces) {
    size += Buffer.byteLength(piece);
    yield piece;
    // Between pieces the event loop serves others: rendering a large fleet takes a second or so in all.
    await setImmediate();
  }
  metrics.scrapeSize.set(size);
  yield await metrics.registry.metrics();
}

/** RFC 9110 §12.5.3, as far as it matters here: gzip is listed and not refused by q=0. */
function acceptsGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .split(',')
    .some((item) => /^\s*gzip\s*(;|$)/i.test(item) && !/;\s*q=0(\.0*)?\s*$/i.test(item));
}
