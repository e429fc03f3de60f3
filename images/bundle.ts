/**
 * What the images run: for each service a folder with all that it needs, Node.js apart.
 *
 *   node images/bundle.ts [FOLDER]        (.cache/images unless told)
 *
 *   <folder>/producer/main.js             the service and its libraries, readable, so that a stack trace is
 *   <folder>/producer/statfs-child.js     the process that host/remote-statfs.ts starts, looked for beside it
 *   <folder>/consumer/main.js
 *   <folder>/consumer/rules/…             the default rules, looked for beside it
 *   <folder>/consumer/page/…              the live page, looked for beside it
 *   <folder>/…/part-<hash>.js             what entries share, or what a service imports only when it needs it
 *   <folder>/…/package.json               says that these are ES modules, and of which version
 *   <folder>/…/sbom.cdx.json              the libraries inside, as CycloneDX
 *   <folder>/…/licenses.txt               their licences, most of which ask to come along
 *
 * The same sources and lock file give the same bytes, modes and times, so that an image's layer is the same one, too.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { bundlePage } from '../services/consumer/page/bundle.ts';

export type Service = 'producer' | 'consumer';

interface Parts {
  /** Name of the bundled file, without `.js` → its source. */
  readonly entries: Readonly<Record<string, string>>;
  /** Where the bundle looks for a file → where it is from. */
  readonly files: Readonly<Record<string, string>>;
}

const PARTS: Readonly<Record<Service, Parts>> = {
  producer: {
    entries: { main: 'services/producer/main.ts', 'statfs-child': 'services/producer/host/statfs-child.ts' },
    files: {},
  },
  consumer: {
    entries: { main: 'services/consumer/main.ts' },
    files: { 'rules/default.rules.yaml': 'services/consumer/rules/default.rules.yaml' },
  },
};

const ROOT = resolve(import.meta.dirname, '..');

/** CommonJS libraries find Node's own modules by `require`, which an ES module has to make. */
const REQUIRE =
  "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);\n";

/** Builds all services' folders anew. Throws where esbuild or npm complain, and for a library that is no dependency. */
export async function bundle(folder: string): Promise<void> {
  const bill = softwareBill();
  const { version } = readJson('package.json') as { readonly version: string };
  for (const [service, { entries, files }] of Object.entries(PARTS)) {
    const target = join(folder, service);
    rmSync(target, { recursive: true, force: true });
    const { metafile } = await build({
      absWorkingDir: ROOT,
      entryPoints: { ...entries },
      outdir: target,
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      splitting: true,
      chunkNames: 'part-[hash]',
      banner: { js: REQUIRE },
      // The page is made here, so nothing in an image makes it.
      external: ['esbuild'],
      legalComments: 'none',
      metafile: true,
      logLevel: 'warning',
    });
    for (const [name, source] of Object.entries(files)) {
      mkdirSync(dirname(join(target, name)), { recursive: true });
      cpSync(join(ROOT, source), join(target, name));
    }
    const page = service === 'consumer' ? await bundlePage() : undefined;
    for (const [name, content] of Object.entries(page?.files ?? {})) {
      mkdirSync(join(target, 'page'), { recursive: true });
      writeFileSync(join(target, 'page', name), content);
    }
    const packages = packagesIn([metafile, ...(page === undefined ? [] : [page.metafile])]);
    writeJson(join(target, 'package.json'), { name: `system-monitoring-${service}`, version, type: 'module' });
    writeJson(join(target, 'sbom.cdx.json'), billOf(service, packages, bill));
    writeFileSync(join(target, 'licenses.txt'), licencesOf(packages));
    normalize(target);
  }
}

/** `name@version` → its folder. */
type Packages = ReadonlyMap<string, string>;

/** The packages of which something is in the output; all of them must be dependencies of ours or of theirs. */
function packagesIn(metafiles: readonly Metafile[]): Packages {
  const lock = readJson('package-lock.json') as { readonly packages: Readonly<Record<string, Locked>> };
  const packages = new Map<string, string>();
  const outputs = metafiles.flatMap(({ outputs }) => Object.values(outputs));
  const files = outputs.flatMap(({ inputs }) => Object.keys(inputs));
  for (const folder of new Set(
    files.flatMap((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []),
  )) {
    const { version, dev } = lock.packages[folder] ?? { dev: true };
    if (dev) throw new Error(`${folder} is part of a service, but not of the dependencies in package.json`);
    packages.set(`${folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`, folder);
  }
  return packages;
}

interface Locked {
  readonly version?: string;
  /** Only used in development. */
  readonly dev?: boolean;
}

interface Component {
  readonly 'bom-ref': string;
}

interface Bill {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** What the lock file says of all packages, as npm writes it. (Of its `--omit=dev` npm 11 leaves out some that are not dev.) */
function softwareBill(): Bill {
  const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
  const text = execFileSync('npm', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  return JSON.parse(text);
}

/** The part of `bill` that is about `packages` and the service, without what differs from run to run. */
function billOf(service: string, packages: Packages, { metadata, components, dependencies, ...bill }: Bill): object {
  const name = `system-monitoring-${service}`;
  const root = metadata.component['bom-ref'];
  return {
    ...bill,
    serialNumber: undefined,
    metadata: { component: { ...metadata.component, name } },
    components: components.filter((component) => packages.has(component['bom-ref'])),
    dependencies: dependencies
      .filter(({ ref }) => ref === root || packages.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => packages.has(other)) })),
  };
}

function licencesOf(packages: Packages): string {
  const texts = [...packages].sort().map(([name, folder]) => {
    const files = readdirSync(join(ROOT, folder)).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file));
    return [
      `===== ${name} =====`,
      ...files.sort().map((file) => readFileSync(join(ROOT, folder, file), 'utf8').trim()),
    ];
  });
  return `${texts.flat().join('\n\n')}\n`;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
}

function writeJson(file: string, value: object): void {
  writeFileSync(file, `${JSON.stringify(value, undefined, 2)}\n`);
}

/** Neither the umask nor the clock of who built it is left in it. */
function normalize(path: string): void {
  const isDirectory = statSync(path).isDirectory();
  if (isDirectory) for (const name of readdirSync(path)) normalize(join(path, name));
  chmodSync(path, isDirectory ? 0o755 : 0o644);
  utimesSync(path, 0, 0);
}

if (import.meta.main) await bundle(resolve(process.argv[2] ?? join(ROOT, '.cache/images')));
