/**
 * A real Kafka for tests, of one node or several: Java processes in KRaft mode on free loopback ports, their data in
 * temporary directories. Each can be killed and started again on the same data and ports, which is what the tests of faults
 * are about.
 *
 * No broker outlives the process that started it, however that ends: a guard (a shell) waits for the end of a pipe that
 * only this process holds open, then kills the broker and removes its data.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { KAFKA_JARS } from './install.ts';

export interface BrokerOptions {
  /** Settings of the broker beside those below, or in their place. `{port}` stands for the client listener's port. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Ports of proxies. For each the broker has a listener of its own, whose clients it tells to come by that port. */
  readonly proxies?: readonly number[];
}

export interface Broker {
  /** What clients are given, `host:port`. */
  readonly brokers: readonly string[];
  /** Where each of the proxies has to lead to. */
  readonly behindProxies: readonly number[];
  /** Sends a signal to the broker's process. Fulfilled when it has ended, or at once if the signal does not end it. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts the broker again, after `kill`, on the same data and ports. */
  start(): Promise<void>;
  /** Ends the broker and removes its data. */
  stop(): Promise<void>;
}

/** True, or why there can be no broker here and what to do about it. */
export function kafkaAvailable(): true | string {
  if (!existsSync(KAFKA_JARS)) return `${KAFKA_JARS} is missing: run node e2e/kafka/install.ts (it needs Maven)`;
  const version = /version "(\d+)/.exec(spawnSync('java', ['-version'], { encoding: 'utf8' }).stderr ?? '')?.[1];
  if (version === undefined) return 'java is missing: install a Java 17 runtime';
  return Number(version) >= 17 || `java is version ${version}: Kafka needs 17`;
}

/** For `test(…, { skip })`: false when there is a Kafka, else the reason to skip. In CI a missing Kafka is an error. */
export function skipWithoutKafka(): false | string {
  const available = kafkaAvailable();
  if (available === true) return false;
  if (process.env.CI === 'true') throw new Error(available);
  return available;
}

/** A Kafka of one node. */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { nodes } = await startCluster(1, options);
  const [broker] = nodes;
  if (broker === undefined) throw new Error('a cluster without a node');
  return broker;
}

export interface BrokerCluster {
  /** What clients are given. */
  readonly brokers: readonly string[];
  /** Node n + 1 stands at n. Each can be killed and started on its own. */
  readonly nodes: readonly Broker[];
  stop(): Promise<void>;
}

/** A Kafka of several nodes, which keep topics on up to three of them and take writes while one of those is missing. */
export async function startCluster(size: number, options: BrokerOptions = {}): Promise<BrokerCluster> {
  const { proxies = [] } = options;
  const ports = await freePorts((2 + proxies.length) * size);
  const members = Array.from({ length: size }, (_, n) => {
    const [port = 0, controllerPort = 0, ...behindProxies] = ports.splice(0, 2 + proxies.length);
    return { id: n + 1, port, controllerPort, behindProxies };
  });
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const starting = members.map((member) => startNode(clusterId, member, members, options));
  const nodes = await Promise.all(starting).catch(async (error) => {
    const started = await Promise.allSettled(starting);
    await Promise.all(started.map((each) => (each.status === 'fulfilled' ? each.value.stop() : undefined)));
    throw error;
  });
  return {
    brokers: nodes.flatMap((node) => node.brokers),
    nodes,
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

interface ClusterMember {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
  readonly behindProxies: readonly number[];
}

async function startNode(
  clusterId: string,
  member: ClusterMember,
  members: readonly ClusterMember[],
  options: BrokerOptions,
): Promise<Broker> {
  const directory = mkdtempSync(join(tmpdir(), 'kafka-'));
  const settings = { ...brokerSettings(directory, member, members, options.proxies ?? []), ...options.settings };
  const lines = Object.entries(settings).map(
    ([name, value]) => `${name}=${value.replaceAll('{port}', String(member.port))}\n`,
  );
  const file = join(directory, 'server.properties');
  writeFileSync(file, lines.join(''));

  const format = java(['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file]);
  await untilLine(format, /^Formatting/);
  await ended(format);

  let broker: ChildProcess | undefined;
  let guard: ChildProcess | undefined;

  async function start(): Promise<void> {
    broker = java(['kafka.Kafka', file]);
    guard = guardOf(Number(broker.pid), directory);
    await untilLine(broker, /Kafka Server started/);
  }

  async function kill(signal: NodeJS.Signals): Promise<void> {
    if (broker === undefined) return;
    broker.kill(signal);
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') return;
    await ended(broker);
    // The guard goes too, before the system may give the process id to somebody else.
    guard?.kill('SIGKILL');
    broker = undefined;
  }

  async function stop(): Promise<void> {
    await kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }

  await start();
  return { brokers: [`127.0.0.1:${member.port}`], behindProxies: member.behindProxies, kill, start, stop };
}

function brokerSettings(
  directory: string,
  { id, port, controllerPort, behindProxies }: ClusterMember,
  members: readonly ClusterMember[],
  proxies: readonly number[],
): Record<string, string> {
  const replicas = Math.min(members.length, 3);
  const inSync = Math.max(replicas - 1, 1);
  const listener = (name: string, at: number) => `${name}://127.0.0.1:${at}`;
  const proxied = (at: readonly number[]) => at.map((each, n) => listener(`PROXIED${n}`, each));
  return {
    'process.roles': 'broker,controller',
    'node.id': String(id),
    'controller.quorum.voters': members.map((each) => `${each.id}@127.0.0.1:${each.controllerPort}`).join(','),
    listeners: [listener('CLIENTS', port), listener('CONTROLLER', controllerPort), ...proxied(behindProxies)].join(),
    'advertised.listeners': [listener('CLIENTS', port), ...proxied(proxies)].join(),
    'listener.security.protocol.map': [
      ...['CLIENTS:PLAINTEXT', 'CONTROLLER:PLAINTEXT'],
      ...proxies.map((_, n) => `PROXIED${n}:PLAINTEXT`),
    ].join(),
    'inter.broker.listener.name': 'CLIENTS',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(directory, 'data'),
    'auto.create.topics.enable': 'false',
    'default.replication.factor': String(replicas),
    'min.insync.replicas': String(inSync),
    'offsets.topic.replication.factor': String(replicas),
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': String(replicas),
    'transaction.state.log.min.isr': String(inSync),
    'transaction.state.log.num.partitions': '1',
    // How long a killed broker's place stays taken: what a restart after SIGKILL waits for.
    'broker.heartbeat.interval.ms': '500',
    'broker.session.timeout.ms': '3000',
    // A group's first member need not wait for others.
    'group.initial.rebalance.delay.ms': '0',
  };
}

function java(args: readonly string[]): ChildProcess {
  const logging = `-Dlog4j2.configurationFile=${join(import.meta.dirname, 'log4j2.properties')}`;
  const options = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', logging, '-cp', join(KAFKA_JARS, '*')];
  return spawn('java', [...options, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Kills `pid` and removes the directory when this process has ended in whatever way; killed itself before that, nothing. */
function guardOf(pid: number, directory: string): ChildProcess {
  const script = 'read -r _; kill -KILL "$1"; rm -rf "$2"';
  const guard = spawn('sh', ['-c', script, 'guard', String(pid), directory], { stdio: ['pipe', 'ignore', 'ignore'] });
  guard.unref();
  return guard;
}

/** Waits for a line of the process's output; an error with all its output if it ends without. Reads on, so it never blocks. */
function untilLine(child: ChildProcess, expected: RegExp): Promise<void> {
  const output: string[] = [];
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        if (output.length < 1000) output.push(line);
        if (expected.test(line)) resolve();
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) => {
      reject(new Error(`the Kafka process ended with ${code ?? signal}:\n${output.join('\n')}`));
    });
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Ports that are free now. Nothing keeps them so; a clash shows as a broker that does not start. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
