/**
 * The stream from the consumer. The browser connects again by itself and says what it has seen last; a stream that was refused,
 * or that has died without a word, is opened anew. A page that nobody sees for a minute lets go of it.
 */
import type { StreamMessages } from '../../api/shapes.ts';

type Handlers = { readonly [Name in keyof StreamMessages]: (message: StreamMessages[Name]) => void } & {
  readonly disconnected: () => void;
};

const OPEN_AGAIN_MS = 2_000;
/** Something comes every ten seconds at least. */
const DEAD_AFTER_MS = 25_000;
const LOOK_EVERY_MS = 5_000;
const UNSEEN_MS = 60_000;
const NAMES = ['hello', 'nodes', 'tick', 'transition', 'reset'] as const;

export function connect(handlers: Handlers): void {
  let source: EventSource | undefined;
  let heard = 0;
  let unseen: number | undefined;

  function open(): void {
    source?.close();
    heard = performance.now();
    source = new EventSource('api/stream');
    for (const name of NAMES) {
      source.addEventListener(name, (event) => {
        heard = performance.now();
        handlers[name](JSON.parse(event.data));
      });
    }
    const opened = source;
    opened.addEventListener('error', () => {
      handlers.disconnected();
      if (opened.readyState !== EventSource.CLOSED) return;
      setTimeout(() => {
        if (source === opened) open();
      }, OPEN_AGAIN_MS);
    });
  }

  function close(): void {
    source?.close();
    source = undefined;
  }

  setInterval(() => {
    if (source === undefined || performance.now() - heard < DEAD_AFTER_MS) return;
    handlers.disconnected();
    open();
  }, LOOK_EVERY_MS);

  document.addEventListener('visibilitychange', () => {
    clearTimeout(unseen);
    if (document.hidden) unseen = window.setTimeout(close, UNSEEN_MS);
    else if (source === undefined) open();
  });
  open();
}

/** @throws Error with what the consumer says is wrong. */
export async function ask<Answer>(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const query = new URLSearchParams(parameters);
  const response = await fetch(query.size === 0 ? `api/${path}` : `api/${path}?${query}`);
  const body = await response.json();
  if (!response.ok) throw new Error(String(body.error));
  return body;
}
