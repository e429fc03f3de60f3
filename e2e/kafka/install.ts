/**
 * Puts a Kafka broker's jars, as `pom.xml` names them, into the repository's `.cache`:
 *
 *   node e2e/kafka/install.ts
 *
 * Does nothing when they are there. They appear at once or not at all: two runs at a time, or one cut short, do no harm.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const CACHE = resolve(import.meta.dirname, '../../.cache');
const POM = join(import.meta.dirname, 'pom.xml');

/** The directory of the jars, whether they are there or not. */
export const KAFKA_JARS = join(CACHE, `kafka-${kafkaVersion()}`);

export function installKafka(): void {
  if (existsSync(KAFKA_JARS)) return;
  mkdirSync(CACHE, { recursive: true });
  const scratch = mkdtempSync(join(CACHE, 'kafka-install-'));
  try {
    const jars = join(scratch, 'jars');
    const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${jars}`];
    const { error, status } = spawnSync('mvn', ['-B', '-q', '-f', POM, ...goal], { stdio: 'inherit' });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`mvn ended with ${status}`);
    try {
      renameSync(jars, KAFKA_JARS);
    } catch (error) {
      if (!existsSync(KAFKA_JARS)) throw error; // else another run came first, with the same jars
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function kafkaVersion(): string {
  const version = /<kafka\.version>(.+)<\/kafka\.version>/.exec(readFileSync(POM, 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${POM} names no kafka.version`);
  return version;
}

if (import.meta.main) installKafka();
