/**
 * `/api/stream`: server-sent events. Each message is made once and written to everybody, so a page more costs a write a second.
 * Without a reader nothing is made. A reader that does not take what it is sent is cut off at a bound; it comes again by itself
 * and says what it has seen last. https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Route } from '#runtime/http.ts';
import type { FleetPoint, Hello, NodeRow, StreamMessages, Tick } from './shapes.ts';
import type { RecentTransitions } from './transitions.ts';

export interface StreamOptions {
  readonly rows: (now: number) => readonly NodeRow[];
  readonly transitions: Pick<RecentTransitions, 'last' | 'after'>;
  /** Whether it is certain which nodes are this replica's. */
  readonly fresh: () => boolean;
  readonly now: () => number;
  readonly about: Pick<Hello, 'replica' | 'version' | 'run' | 'historyBytes'>;
  readonly setHeaders: (response: ServerResponse) => void;
}

export interface Stream {
  readonly route: Route;
  /** Sends what has changed: to be called every second. */
  tick(): void;
  /** Sends the transitions that were not sent yet: to be called soon after there are some. */
  flush(): void;
  /** Tells the fleet's point with the next tick. */
  sampled(point: FleetPoint): void;
  readonly readers: number;
  close(): void;
}

/** As many pages as people may open; the rest are told to come later. */
export const MOST_READERS = 100;
/** Several ticks of a large fleet. */
const MOST_UNSENT_BYTES = 4 * 2 ** 20;
/** When there is nothing to say, that is said so often: a connection that died without a word is known by its silence. */
const HEARTBEAT_TICKS = 10;
const RECONNECT_MS = 1000;
/** So many rows are told in a second: with more nodes, each is told less often. */
const ROWS_PER_TICK = 2000;

export function createStream(options: StreamOptions): Stream {
  const { rows, transitions, fresh, now, about, setHeaders } = options;
  const readers = new Set<ServerResponse>();
  /** What readers know, by key. */
  let told = new Map<string, NodeRow>();
  let toldFresh = true;
  let sent = transitions.last;
  let fleet: FleetPoint | undefined;
  let quiet = 0;
  let waited = 0;
  let closed = false;
  /** All nodes as of the last tick, for readers that come before the next. */
  let all: Buffer | undefined;

  function send(message: Buffer): void {
    for (const reader of readers) {
      if (reader.writableLength > MOST_UNSENT_BYTES) reader.destroy();
      else reader.write(message);
    }
    quiet = 0;
  }

  /** What has changed since the last time. A node is told again with its next event, and so that its age is right. */
  function changes(): Tick {
    const timeMs = now();
    if (!fresh()) {
      told = new Map();
      return { timeMs, fresh: false, nodes: [], gone: [] };
    }
    const current = new Map(rows(timeMs).map((row) => [keyOf(row), row]));
    const nodes = [...current].filter(([key, row]) => differs(told.get(key), row)).map(([, row]) => row);
    const gone = [...told].filter(([key]) => !current.has(key)).map(([, { cluster, node }]) => ({ cluster, node }));
    told = current;
    return { timeMs, fresh: true, nodes, gone, ...(fleet !== undefined && { fleet }) };
  }

  function tick(): void {
    if (readers.size === 0) {
      fleet = undefined;
      return;
    }
    flush();
    if (++waited * ROWS_PER_TICK < told.size) return;
    waited = 0;
    update();
  }

  function update(): void {
    const tick = changes();
    all = undefined;
    fleet = undefined;
    const news = tick.nodes.length + tick.gone.length > 0 || tick.fleet !== undefined || tick.fresh !== toldFresh;
    toldFresh = tick.fresh;
    if (news || ++quiet >= HEARTBEAT_TICKS) send(messageOf('tick', tick));
  }

  function flush(): void {
    const news = transitions.after(sent);
    sent = transitions.last;
    if (readers.size === 0 || news?.length === 0) return;
    if (news === undefined) send(messageOf('reset', { reason: 'more has changed at once than is kept' }, idOf(sent)));
    else send(Buffer.concat(news.map(({ number, row }) => messageOf('transition', row, idOf(number)))));
  }

  const idOf = (number: number) => `${about.run}-${number}`;

  /** What a reader has missed, if that is known. */
  function missed(request: IncomingMessage) {
    const [, run, number] = /^(.{1,40})-(\d{1,15})$/.exec(String(request.headers['last-event-id'] ?? '')) ?? [];
    return run === about.run ? transitions.after(Number(number)) : undefined;
  }

  function open(request: IncomingMessage, response: ServerResponse): void {
    setHeaders(response);
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    flush();
    if (readers.size === 0 || fresh() !== toldFresh) update();
    const known = missed(request);
    const hello: Hello = { timeMs: now(), ...about, resumed: known !== undefined };
    response.write(`retry: ${RECONNECT_MS}\n\n`);
    response.write(messageOf('hello', hello, known?.length ? undefined : idOf(sent)));
    for (const { number, row } of known ?? []) response.write(messageOf('transition', row, idOf(number)));
    all ??= messageOf('nodes', { timeMs: now(), fresh: toldFresh, nodes: [...told.values()], gone: [] });
    response.write(all);
    readers.add(response);
    response.on('close', () => readers.delete(response));
  }

  return {
    route(request, response) {
      if (!closed && readers.size < MOST_READERS) return open(request, response);
      setHeaders(response);
      response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '10' });
      response.end(closed ? 'the consumer is ending\n' : `${MOST_READERS} pages are open already\n`);
    },
    tick,
    flush,
    sampled(point) {
      fleet = point;
    },
    get readers() {
      return readers.size;
    },
    close() {
      closed = true;
      for (const reader of readers) reader.end();
    },
  };
}

function messageOf<Name extends keyof StreamMessages>(event: Name, data: StreamMessages[Name], id?: string): Buffer {
  return Buffer.from(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

function keyOf({ cluster, node }: NodeRow): string {
  return `${cluster}/${node}`;
}

function differs(
  before: NodeRow | undefined,
  { timeMs, up, alertsFiring, alertsPending, worstSeverity }: NodeRow,
): boolean {
  return (
    before?.timeMs !== timeMs ||
    before.up !== up ||
    before.alertsFiring !== alertsFiring ||
    before.alertsPending !== alertsPending ||
    before.worstSeverity !== worstSeverity
  );
}
