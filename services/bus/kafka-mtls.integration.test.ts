/** A broker that knows its clients by their certificates, as Strimzi's does: expired ones, and ones that are renewed under load. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { type Broker, skipWithoutKafka, startBroker } from '../../e2e/kafka/broker.ts';
import { createCertificate, issueCertificate, storeSettings } from '../../e2e/kafka/certificates.ts';
import { type BusLog, createKafkaBus } from './kafka.ts';
import { Listener, textOf } from './listener.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } = kafkajs;
const quiet = () => undefined;
const log: BusLog = { debug: quiet, info: quiet, warn: quiet, error: quiet };
const CLIENTS = ['admin', 'first', 'second'];
/** Between two publishes of what is published under load. */
const PAUSE_MS = 50;

suite('Kafka that knows clients by their certificates', { skip: skipWithoutKafka(), timeout: 120_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'mtls-'));
  const file = (name: string) => join(directory, name);
  let broker: Broker;

  before(async () => {
    createCertificate(directory, 'broker');
    for (const name of CLIENTS) issueCertificate(directory, 'broker', name);
    issueCertificate(directory, 'broker', 'expired', { daysAgo: 3 });
    broker = await startBroker({
      settings: {
        'listener.security.protocol.map': 'CLIENTS:SSL,CONTROLLER:PLAINTEXT',
        'ssl.client.auth': 'required',
        ...storeSettings(directory, 'broker'),
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS;User:CN=broker;User:CN=admin',
        'allow.everyone.if.no.acl.found': 'true',
      },
    });
  });
  after(async () => {
    await broker?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** The client becomes the one of that name. */
  const show = (name: string) => {
    copyFileSync(file(`${name}.pem`), file('client.pem'));
    copyFileSync(file(`${name}.key`), file('client.key'));
  };
  const newBus = () => {
    const tls = { ca: file('broker.pem'), cert: file('client.pem'), key: file('client.key') };
    return createKafkaBus({ brokers: broker.brokers, clientId: 'test', tls, log });
  };

  test('a certificate that has expired may be renewed', async () => {
    show('expired');
    const bus = newBus();
    const topic = { name: 'expired', partitions: 1, config: {} };
    await assert.rejects(bus.ensureTopics([topic]), { retryable: true });
    show('first');
    await bus.ensureTopics([topic]);
    await bus.publish(topic.name, [{ key: 'k', value: Buffer.from('v'), headers: {} }]);
    await bus.close();
  });

  test('a certificate that is renewed under load is taken up, and nothing is lost', async () => {
    show('first');
    const bus = newBus();
    await bus.ensureTopics([{ name: 'load', partitions: 1, config: {} }]);
    const ssl = {
      ca: readFileSync(file('broker.pem')),
      cert: readFileSync(file('admin.pem')),
      key: readFileSync(file('admin.key')),
    };
    const admin = new Kafka({ brokers: [...broker.brokers], ssl, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const rule = {
      resourceType: AclResourceTypes.TOPIC,
      resourceName: 'load',
      resourcePatternType: ResourcePatternTypes.LITERAL,
      host: '*',
      operation: AclOperationTypes.ALL,
      permissionType: AclPermissionTypes.ALLOW,
    };
    const allow = (name: string) => ({ ...rule, principal: `User:CN=${name}` });
    await admin.createAcls({ acl: [allow('first'), allow('second')] });

    const listener = new Listener();
    await listener.join(bus, 'load', 'load');
    const published: string[] = [];
    const publish = async () => {
      const value = String(published.length);
      for (let done = false; !done; await setTimeout(PAUSE_MS)) {
        try {
          await bus.publish('load', [{ key: 'k', value: Buffer.from(value), headers: {} }]);
          done = true;
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'BUS_DENIED');
        }
      }
      published.push(value);
    };
    while (published.length < 20) await publish();
    show('second');
    // From here on only the second may publish: connections with the first go on, and are of no use.
    await admin.deleteAcls({ filters: [allow('first')] });
    for (const before = published.length; published.length < before + 20; ) await publish();
    await listener.until(() => listener.records.length >= published.length);
    assert.deepEqual([...new Set(listener.records.map(textOf))], published);
    assert.deepEqual([listener.told, listener.failures], [['assigned 0'], []]);
    await admin.disconnect();
    await bus.close();
  });
});
