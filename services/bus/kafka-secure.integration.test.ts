/** A broker that speaks only to those who know its certificate and have a password. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type Broker, skipWithoutKafka, startBroker } from '../../e2e/kafka/broker.ts';
import { type BusLog, createKafkaBus } from './kafka.ts';
import { Listener } from './listener.ts';

const quiet = () => undefined;
const log: BusLog = { debug: quiet, info: quiet, warn: quiet, error: quiet };

const STORE_PASSWORD = 'changeit';

suite('Kafka behind TLS and SASL', { skip: skipWithoutKafka(), timeout: 120_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'secure-'));
  const ca = join(directory, 'ca.pem');
  const unavailable = { code: 'BUS_UNAVAILABLE', retryable: true };
  let broker: Broker;

  before(async () => {
    for (const name of ['broker', 'stranger']) createCertificate(directory, name);
    broker = await startBroker({
      settings: {
        'listener.security.protocol.map': 'CLIENTS:SASL_SSL,CONTROLLER:PLAINTEXT',
        'ssl.keystore.type': 'PKCS12',
        'ssl.keystore.location': join(directory, 'broker.p12'),
        'ssl.keystore.password': STORE_PASSWORD,
        // It trusts itself, which it makes sure of when it starts.
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': join(directory, 'broker.pem'),
        'sasl.enabled.mechanisms': 'PLAIN',
        'sasl.mechanism.inter.broker.protocol': 'PLAIN',
        'listener.name.clients.plain.sasl.jaas.config':
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_agent="secret";',
      },
    });
  });
  after(async () => {
    await broker?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const newBus = (password: string) => {
    const sasl = { mechanism: 'plain', username: 'agent', password } as const;
    return createKafkaBus({ brokers: broker.brokers, clientId: 'test', tls: { ca }, sasl, log });
  };
  const topic = { name: 'secure', partitions: 1, config: {} };

  test('certificates are read anew at each connection, and until they are right one may try again', async () => {
    const bus = newBus('secret');
    await assert.rejects(bus.ensureTopics([topic]), unavailable); // no file yet
    copyFileSync(join(directory, 'stranger.pem'), ca);
    await assert.rejects(bus.ensureTopics([topic]), unavailable);
    copyFileSync(join(directory, 'broker.pem'), ca);
    await bus.ensureTopics([topic]);
    await bus.publish(topic.name, [{ key: 'k', value: Buffer.from('v'), headers: {} }]);
    const listener = new Listener();
    await listener.join(bus, topic.name, 'secure');
    await listener.until(() => listener.records.length === 1);
    await bus.close();
  });

  test('a wrong password may become right', async () => {
    copyFileSync(join(directory, 'broker.pem'), ca);
    const bus = newBus('wrong');
    await assert.rejects(bus.publish(topic.name, [{ key: 'k', value: null, headers: {} }]), unavailable);
    await bus.close();
  });
});

/** `NAME.p12` for a broker on the loopback address and `NAME.pem` for those who shall trust it, by Java's own tool. */
function createCertificate(directory: string, name: string): void {
  const store = ['-alias', name, '-keystore', join(directory, `${name}.p12`), '-storepass', STORE_PASSWORD];
  const subject = ['-dname', 'CN=localhost', '-ext', 'SAN=ip:127.0.0.1'];
  const keytool = (...args: string[]) => execFileSync('keytool', args, { stdio: 'pipe' });
  keytool('-genkeypair', '-keyalg', 'EC', '-storetype', 'PKCS12', '-validity', '2', ...subject, ...store);
  keytool('-exportcert', '-rfc', '-file', join(directory, `${name}.pem`), ...store);
}
