/**
 * Serves the live page: three files, kept in memory with an ETag each, plain and compressed. Everything that the page shows was
 * written by somebody else, so besides writing text only, its policy lets it run and fetch nothing but what is served here.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, gzipSync } from 'node:zlib';
import { acceptsGzip } from '#runtime/accepts-gzip.ts';
import type { Route } from '#runtime/http.ts';
import type { PageFile } from './bundle.ts';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: Readonly<Record<PageFile, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
};

/** Beside the service's bundle in an image; not there where it runs from its sources. */
const MADE = new URL('page/', import.meta.url);

interface Asset {
  readonly type: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
}

export function pageRoutes(): Readonly<Record<string, Route>> {
  let loading: Promise<Readonly<Record<PageFile, Asset>>> | undefined;
  const load = () => {
    loading ??= loadAssets().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
  const route = (file: PageFile): Route => {
    return async (request, response) => answer(request, response, (await load())[file]);
  };
  return { '/': route('index.html'), '/page.js': route('page.js'), '/page.css': route('page.css') };
}

async function loadAssets(): Promise<Readonly<Record<PageFile, Asset>>> {
  const files = existsSync(MADE) ? undefined : (await (await import('./bundle.ts')).bundlePage()).files;
  const asset = (file: PageFile) => assetOf(file, files?.[file] ?? readFileSync(new URL(file, MADE)));
  return { 'index.html': asset('index.html'), 'page.js': asset('page.js'), 'page.css': asset('page.css') };
}

function assetOf(file: PageFile, plain: Buffer): Asset {
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
  return { type: TYPES[file], etag, plain, gzip: gzipSync(plain, { level: constants.Z_BEST_COMPRESSION }) };
}

function answer(request: IncomingMessage, response: ServerResponse, { type, etag, plain, gzip }: Asset): void {
  response.setHeader('content-security-policy', POLICY);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-opener-policy', 'same-origin');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  // Kept by browsers and asked for again each time, so a consumer of another version is never met by an old page.
  response.setHeader('cache-control', 'no-cache');
  response.setHeader('vary', 'accept-encoding');
  response.setHeader('etag', etag);
  if (tagsIn(request.headers['if-none-match']).includes(etag)) {
    response.writeHead(304).end();
    return;
  }
  const compressed = acceptsGzip(request.headers['accept-encoding']);
  if (compressed) response.setHeader('content-encoding', 'gzip');
  response.writeHead(200, { 'content-type': type }).end(compressed ? gzip : plain);
}

function tagsIn(header: string | undefined): readonly string[] {
  return (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}
