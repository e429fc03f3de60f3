/**
 * The live page's files, made from `client/` by esbuild: one script with all that it needs, one style sheet. In an image they
 * are made when it is built; a consumer that runs from its sources makes them when somebody first opens the page.
 */
import { readFileSync } from 'node:fs';
import { build, type Metafile } from 'esbuild';

export const PAGE_FILES = ['index.html', 'page.js', 'page.css'] as const;
export type PageFile = (typeof PAGE_FILES)[number];

const CLIENT = new URL('client/', import.meta.url);

export async function bundlePage(): Promise<{
  readonly files: Readonly<Record<PageFile, Buffer>>;
  readonly metafile: Metafile;
}> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: new URL('../../..', import.meta.url).pathname,
    entryPoints: ['main.ts', 'style.css'].map((name) => ({ in: new URL(name, CLIENT).pathname, out: 'page' })),
    outdir: '/',
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    legalComments: 'inline',
    metafile: true,
    logLevel: 'silent',
  });
  const made = (name: string) => Buffer.from(outputFiles.find(({ path }) => path.endsWith(name))?.contents ?? '');
  const files = {
    'index.html': readFileSync(new URL('index.html', CLIENT)),
    'page.js': made('page.js'),
    'page.css': made('page.css'),
  };
  return { files, metafile };
}
