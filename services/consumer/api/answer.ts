/** An answer of the API: JSON that is nobody's to keep, compressed where that is asked for and worth it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { acceptsGzip } from '#runtime/accepts-gzip.ts';
import type { Route } from '#runtime/http.ts';
import { BadQuery } from './query.ts';

const WORTH_IT_BYTES = 4096;
const compress = promisify(gzip);

/** A page that shows an answer itself, or another site's page that asks for it, gets nothing to run and nothing to read. */
export function setSafeHeaders(response: ServerResponse): void {
  response.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
}

/** What there is to say: an answer, or why there is none now (503), or not at all (404). */
export type Said = { readonly body: object } | { readonly unavailable: string } | { readonly missing: string };

/** A mistake in the parameters is answered by 400 and what it is. */
export function jsonRoute(say: (url: string) => Said): Route {
  return async (request, response) => {
    let said: Said;
    try {
      said = say(request.url ?? '/');
    } catch (error) {
      if (!(error instanceof BadQuery)) throw error;
      return answer(request, response, 400, { error: error.message });
    }
    if ('body' in said) return answer(request, response, 200, said.body);
    if ('missing' in said) return answer(request, response, 404, { error: said.missing });
    response.setHeader('retry-after', '1');
    return answer(request, response, 503, { error: said.unavailable });
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, status: number, body: object): Promise<void> {
  setSafeHeaders(response);
  const text = Buffer.from(`${JSON.stringify(body)}\n`);
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    vary: 'accept-encoding',
  };
  if (text.length < WORTH_IT_BYTES || !acceptsGzip(request.headers['accept-encoding'])) {
    response.writeHead(status, headers).end(text);
    return;
  }
  const small = await compress(text, { level: constants.Z_BEST_SPEED });
  response.writeHead(status, { ...headers, 'content-encoding': 'gzip' }).end(small);
}
