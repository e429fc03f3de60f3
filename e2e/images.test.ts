/** What the images run, as they run it: bundles outside of the repository, and containers where there is docker. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { imageName } from '../images/build.ts';
import { bundle, type Service } from '../images/bundle.ts';
import { skipWithoutKafka, startBroker } from './kafka/broker.ts';
import { eventually, type Running, run, textOf } from './programs.ts';

const SERVICES = ['producer', 'consumer'] as const;
/** No node_modules folder is above it. */
const directory = mkdtempSync(join(tmpdir(), 'images-'));
const bundles = join(directory, 'bundles');

before(() => bundle(bundles));
after(() => rmSync(directory, { recursive: true }));

test('each bundle runs with Node.js and nothing else, and tells its settings', async () => {
  for (const service of SERVICES) {
    const { code, stdout, stderr } = await ended(run(process.execPath, [join(bundles, service, 'main.js'), '--help']));
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.match(stdout, /^ +KAFKA_BROKERS/m);
  }
});

test('the same sources give the same bytes, modes and times, whoever builds them', async () => {
  const again = join(directory, 'again');
  const umask = process.umask(0o077);
  try {
    await bundle(again);
  } finally {
    process.umask(umask);
  }
  const found = listing(again);
  assert.deepEqual(found, listing(bundles));
  assert.ok(found.every(({ mode, time }) => (mode & 0o777) === (mode & 0o40000 ? 0o755 : 0o644) && time === 0));
});

test("the consumer's bundle has the live page, and names what is in it", () => {
  const page = join(bundles, 'consumer', 'page');
  assert.deepEqual(readdirSync(page).sort(), ['index.html', 'page.css', 'page.js']);
  assert.match(readFileSync(join(bundles, 'consumer', 'licenses.txt'), 'utf8'), /^===== uplot@/m);
});

test('each bundle names its libraries, and has their licences', () => {
  for (const service of SERVICES) {
    const bill = JSON.parse(readFileSync(join(bundles, service, 'sbom.cdx.json'), 'utf8'));
    const listed: string[] = bill.components.map((component: { 'bom-ref': string }) => component['bom-ref']);
    const sources = readFileSync(join(bundles, service, 'main.js'), 'utf8').matchAll(
      /^\/\/ node_modules\/((?:@[^/\n]+\/)?[^/\n]+)\//gm,
    );
    const inside = new Set([...sources].map(([, name]) => name as string));
    assert.ok(inside.has('kafkajs') && inside.has('pino'), [...inside].join());
    const names = new Set(listed.map((name) => name.slice(0, name.lastIndexOf('@'))));
    assert.deepEqual(
      [...inside].filter((name) => !names.has(name)),
      [],
    );
    const licences = readFileSync(join(bundles, service, 'licenses.txt'), 'utf8');
    assert.deepEqual(
      listed.filter((name) => !licences.includes(`===== ${name} =====\n\n`)),
      [],
    );
  }
});

test('a bundled producer tells a bundled consumer of its node by Kafka, network file systems among it', {
  skip: skipWithoutKafka(),
}, async (t) => {
  const broker = await startBroker();
  t.after(() => broker.stop());
  const common = { KAFKA_BROKERS: broker.brokers.join(','), LISTEN: '127.0.0.1:0', NODE_OPTIONS: countingTimers() };
  const start = (service: Service, env: NodeJS.ProcessEnv) => {
    const program = run(process.execPath, [join(bundles, service, 'main.js')], { ...common, ...env });
    t.after(() => program.stop('SIGKILL'));
    return program;
  };
  const consumer = start('consumer', {});
  const [, url] = await consumer.printed(/"url":"(http:[^"]+)"/);
  const host = hostWithNetworkFileSystem(join(directory, 'host'));
  const producer = start('producer', { HOST_ROOT: host, NODE_NAME: 'worker-1', INTERVAL: '1s' });
  // The size is from the child process, which the producer's bundle has to find.
  const series = [/^node_load1\{.*node="worker-1".*\} 0\.5$/m, /^node_filesystem_size_bytes\{.*"nfs4".*\} \d/m];
  await eventually(async () => {
    const text = await textOf(`${url}/metrics`);
    assert.deepEqual(
      series.filter((pattern) => !pattern.test(text)),
      [],
      producer.stdout(),
    );
  });

  for (const program of [producer, consumer]) {
    const { code, ms } = await program.stop();
    assert.equal(code, 0);
    const [, timers = '', seconds = ''] = /^(\d+) short timers in (.+) s$/m.exec(program.stderr()) ?? [];
    t.diagnostic(`stopped in ${ms.toFixed(0)} ms, ${timers} short timers in ${seconds} s`);
    // kafkajs as it comes starts hundreds in a second and connection: what bus/kafka/ replaces in it is replaced here, too.
    assert.ok(timers !== '' && Number(timers) < 20 * Number(seconds), `${timers} short timers in ${seconds} s`);
    assert.doesNotMatch(program.stderr(), /Warning/);
  }
});

test('make images without docker says what is missing', async () => {
  const program = run(process.execPath, ['images/build.ts'], { PATH: dirname(process.execPath) });
  const { code, stderr } = await ended(program);
  assert.equal(code, 1);
  assert.match(stderr, /^make images: docker cannot be started: .*ENOENT/);
});

test('the images run as nobody, without capabilities, on a root directory that cannot be written', {
  skip: skipWithoutDocker(),
}, async (t) => {
  const built = spawnSync(process.execPath, ['images/build.ts'], {
    encoding: 'utf8',
    env: { ...process.env, IMAGE_REGISTRY: 'test.invalid', CONTEXT: 'test.invalid' },
  });
  assert.equal(built.status, 0, built.stderr);
  for (const service of SERVICES) {
    const image = imageName(service, 'test.invalid');
    t.after(() => docker(['image', 'rm', image]));
    const { User, Labels, Entrypoint } = JSON.parse(docker(['image', 'inspect', '-f', '{{json .Config}}', image]));
    assert.deepEqual({ User, Entrypoint }, { User: '65532:65532', Entrypoint: ['/nodejs/bin/node', '/app/main.js'] });
    assert.equal(`test.invalid/system-monitoring/${service}:${Labels['org.opencontainers.image.version']}`, image);
    assert.match(Labels['org.opencontainers.image.created'], /^\d{4}-\d\d-\d\dT/);
    const confined = ['run', '--rm', '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
    assert.match(docker([...confined, '--network', 'none', image, '--help']), /^ +KAFKA_BROKERS/m);
    // The very same program as the bundle beside this test.
    const hash = "console.log(require('crypto').hash('sha256', require('fs').readFileSync('/app/main.js')))";
    const inside = docker([...confined, '--entrypoint', '/nodejs/bin/node', image, '-e', hash]).trim();
    assert.equal(inside, sha256(join(bundles, service, 'main.js')));
    const shell = spawnSync('docker', [...confined, '--entrypoint', '/bin/sh', image, '-c', 'true']);
    assert.notEqual(shell.status, 0);
  }
});

async function ended(program: Running) {
  const { code } = await program.end();
  return { code, stdout: program.stdout(), stderr: program.stderr() };
}

function listing(folder: string) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const stats = statSync(path);
      return { name, mode: stats.mode, time: stats.mtimeMs, content: stats.isFile() ? sha256(path) : undefined };
    });
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** A host that is another one than this machine, as its /proc tells, with a network file system. */
function hostWithNetworkFileSystem(root: string): string {
  const { dev } = statSync(directory);
  const device = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
  const files = {
    'proc/stat': 'cpu0 1 2 3 4 5 6 7 8 9 10\n',
    'proc/loadavg': '0.50 0.50 0.50 1/100 1000\n',
    'proc/self/status': 'NSpid:\t1000\t1\n',
    'proc/1/net/dev': 'Inter-|\n face |\n',
    'proc/1/mountinfo': `22 1 ${device} / / rw - ext4 /dev/sda1 rw\n40 22 0:50 / /srv/nfs rw - nfs4 server:/export rw\n`,
    'srv/nfs/file': '',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

/** The option that makes Node.js print at its end how many timers of a few milliseconds it has started. */
function countingTimers(): string {
  const file = join(directory, 'counting-timers.mjs');
  writeFileSync(
    file,
    `let short = 0;
     const start = globalThis.setTimeout;
     globalThis.setTimeout = (callback, ms, ...rest) => {
       if (!(ms > 5)) short += 1;
       return start(callback, ms, ...rest);
     };
     process.on('exit', () => process.stderr.write(\`\${short} short timers in \${process.uptime()} s\\n\`));`,
  );
  return `--import ${file}`;
}

/** False, or why no image can be built here. There is no docker where this is tested most, so not an error in CI either. */
function skipWithoutDocker(): false | string {
  const asked = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { encoding: 'utf8' });
  if (asked.error !== undefined) return 'docker is missing';
  if (asked.status !== 0) return `docker: ${asked.stderr.trim()}`;
  const dockerfile = readFileSync('images/Dockerfile', 'utf8');
  for (const [, base = ''] of dockerfile.matchAll(/^ARG \w+_IMAGE=(.+)$/gm)) {
    if (spawnSync('docker', ['image', 'inspect', base]).status === 0) continue;
    const pulled = spawnSync('docker', ['pull', '--quiet', base], { encoding: 'utf8' });
    if (pulled.status !== 0) return `the base image cannot be had: ${pulled.stderr.trim()}`;
  }
  return false;
}

function docker(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return stdout;
}
