/** A broker that speaks only to those who know its certificate and have a password, and lets them do what they may. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import kafkajs from 'kafkajs';
import { type Broker, skipWithoutKafka, startBroker } from '../../e2e/kafka/broker.ts';
import { createCertificate, storeSettings } from '../../e2e/kafka/certificates.ts';
import { type BusLog, createKafkaBus } from './kafka.ts';
import { Listener } from './listener.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } = kafkajs;
const quiet = () => undefined;
const log: BusLog = { debug: quiet, info: quiet, warn: quiet, error: quiet };

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
        // It trusts itself, which it makes sure of when it starts.
        ...storeSettings(directory, 'broker'),
        'sasl.enabled.mechanisms': 'PLAIN',
        'sasl.mechanism.inter.broker.protocol': 'PLAIN',
        'listener.name.clients.plain.sasl.jaas.config':
          'org.apache.kafka.common.security.plain.PlainLoginModule required user_agent="secret" user_admin="admin";',
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS;User:admin',
        'allow.everyone.if.no.acl.found': 'true',
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
    const denied = { code: 'BUS_DENIED', retryable: true };
    await assert.rejects(bus.publish(topic.name, [{ key: 'k', value: null, headers: {} }]), denied);
    await bus.close();
  });

  test('access that is granted later is waited for, and what is missing is told', async () => {
    copyFileSync(join(directory, 'broker.pem'), ca);
    const sasl = { mechanism: 'plain', username: 'admin', password: 'admin' } as const;
    const ssl = { ca: readFileSync(ca) };
    const admin = new Kafka({ brokers: [...broker.brokers], ssl, sasl, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const rule = {
      resourcePatternType: ResourcePatternTypes.LITERAL,
      host: '*',
      permissionType: AclPermissionTypes.ALLOW,
    };
    const topicRule = { ...rule, resourceType: AclResourceTypes.TOPIC, resourceName: 'late' };
    const groupRule = { ...rule, resourceType: AclResourceTypes.GROUP, resourceName: 'late-late' };
    await admin.createTopics({ topics: [{ topic: 'late', numPartitions: 1 }], waitForLeaders: true });
    await admin.createAcls({
      acl: [
        { ...topicRule, principal: 'User:agent', operation: AclOperationTypes.READ },
        { ...groupRule, principal: 'User:somebody-else', operation: AclOperationTypes.READ },
      ],
    });

    const bus = newBus('secret');
    const records = [{ key: 'k', value: Buffer.from('v'), headers: {} }];
    await assert.rejects(bus.publish('late', records), { code: 'BUS_DENIED', retryable: true });
    const listener = new Listener();
    await listener.join(bus, 'late', 'late');
    await until(() => listener.subscription?.trouble !== undefined);
    assert.match(listener.subscription?.trouble ?? '', /group late-late: .*authorized/i);
    assert.equal(listener.subscription?.fresh, false);

    await admin.createAcls({
      acl: [
        { ...topicRule, principal: 'User:agent', operation: AclOperationTypes.WRITE },
        { ...groupRule, principal: 'User:agent', operation: AclOperationTypes.READ },
      ],
    });
    await admin.disconnect();
    await bus.publish('late', records);
    await listener.until(() => listener.records.length === 1);
    assert.equal(listener.subscription?.trouble, undefined);
    assert.deepEqual(listener.failures, []);
    await bus.close();
  });

  test('connections are made anew when the certificates change, and the group does not notice', async () => {
    copyFileSync(join(directory, 'broker.pem'), ca);
    const bus = newBus('secret');
    await bus.ensureTopics([{ name: 'renewed', partitions: 1, config: {} }]);
    const publish = () => bus.publish('renewed', [{ key: 'k', value: Buffer.from('v'), headers: {} }]);
    await publish();
    const listener = new Listener();
    await listener.join(bus, 'renewed', 'renewed');
    await listener.until(() => listener.records.length === 1);

    copyFileSync(join(directory, 'stranger.pem'), ca);
    await until(() => listener.subscription?.trouble !== undefined);
    await assert.rejects(publish(), unavailable);
    copyFileSync(join(directory, 'broker.pem'), ca);
    await until(() => listener.subscription?.trouble === undefined);
    await publish();
    await listener.until(() => listener.records.length === 2);
    assert.deepEqual(listener.told, ['assigned 0']);
    await bus.close();
  });
});

/** For what nobody tells. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}
