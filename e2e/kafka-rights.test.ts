/** The rights that the chart `kafka` gives are enough for producer and consumer, and are no more than that. */
import assert from 'node:assert/strict';
import { after, before, suite, type TestContext, test } from 'node:test';
import kafkajs, { type Admin } from 'kafkajs';
import type { Bus } from '#bus/bus.ts';
import { createKafkaBus } from '#bus/kafka.ts';
import { Listener } from '#bus/listener.ts';
import { ALERTS_TOPIC, DEAD_LETTER_TOPIC, METRICS_TOPIC } from '#contract/topic.ts';
import { createLog } from '#runtime/log.ts';
import { type Right, rightsOf } from '../cdk8s/kafka/access.ts';
import { figuresOf } from './faults/figures.ts';
import { type Broker, skipWithoutKafka, startBroker } from './kafka/broker.ts';
import { eventually, run, textOf } from './programs.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } = kafkajs;

const GROUP = 'system-monitoring';
const RIGHTS = rightsOf(GROUP);
const USERS = ['admin', 'producer', 'consumer'] as const;
type User = (typeof USERS)[number];
const TYPES = { topic: AclResourceTypes.TOPIC, group: AclResourceTypes.GROUP };
const OPERATIONS = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Describe: AclOperationTypes.DESCRIBE,
};

/** All that the chart gives. */
const RULES = [...RIGHTS.producer.flatMap(rulesFor('producer')), ...RIGHTS.consumer.flatMap(rulesFor('consumer'))];

const records = [{ key: 'k', value: Buffer.from('no event'), headers: {} }];
const denied = { code: 'BUS_DENIED' };

suite('the rights of producer and consumer', { skip: skipWithoutKafka(), timeout: 120_000 }, () => {
  let broker: Broker;
  const buses: Bus[] = [];

  // Topics and rights as the chart makes them; passwords in place of certificates, each the user's name.
  before(async () => {
    const passwords = USERS.map((user) => `user_${user}="${user}"`).join(' ');
    broker = await startBroker({
      settings: {
        'listener.security.protocol.map': 'CLIENTS:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
        'sasl.enabled.mechanisms': 'PLAIN',
        'sasl.mechanism.inter.broker.protocol': 'PLAIN',
        'listener.name.clients.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${passwords};`,
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:ANONYMOUS;User:admin',
        'auto.create.topics.enable': 'false',
      },
    });
    await asAdmin((admin) => admin.createAcls({ acl: RULES }));
    // A broker that has just started may not know yet of a topic that it has just made.
    const topics = [METRICS_TOPIC, DEAD_LETTER_TOPIC, ALERTS_TOPIC];
    await eventually(() => busOf('admin').ensureTopics(topics));
  });
  after(async () => {
    for (const bus of buses) await bus.close();
    await broker?.stop();
  });

  async function asAdmin(order: (admin: Admin) => Promise<unknown>): Promise<void> {
    const [brokers, sasl] = [[...broker.brokers], login('admin')];
    const admin = new Kafka({ brokers, sasl, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await order(admin);
    await admin.disconnect();
  }
  /** A service of that user, ended with the test. */
  const start = (t: TestContext, user: 'producer' | 'consumer', env: NodeJS.ProcessEnv) => {
    const program = run(process.execPath, [`services/${user}/main.ts`], {
      KAFKA_BROKERS: broker.brokers.join(','),
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: user,
      KAFKA_SASL_PASSWORD: user,
      LISTEN: '127.0.0.1:0',
      ...env,
    });
    t.after(() => program.stop('SIGKILL'));
    return program;
  };
  const busOf = (user: User): Bus => {
    const options = { brokers: broker.brokers, clientId: user, sasl: login(user), log: createLog('test', 'error') };
    const bus = createKafkaBus(options);
    buses.push(bus);
    return bus;
  };

  test('the consumer may keep alerts, and read them back outside of any group', async () => {
    const consumer = busOf('consumer');
    await consumer.publish(ALERTS_TOPIC.name, records);
    const keys: unknown[] = [];
    await consumer.readAll(ALERTS_TOPIC.name, ({ key }) => keys.push(key?.toString()));
    assert.deepEqual(keys, ['k']);
  });

  test('both do their work with what the chart gives them', async (t) => {
    start(t, 'producer', { NODE_NAME: 'worker-1', INTERVAL: '1s' });
    const consumer = start(t, 'consumer', { KAFKA_GROUP: GROUP });
    const [, url = ''] = await consumer.printed(/"url":"(http:[^"]+)"/);
    await eventually(async () => {
      assert.match(await textOf(`${url}/metrics`), /^sysmon_node_up\{[^}]*node="worker-1"[^}]*\} 1$/m);
    });

    const admin = busOf('admin');
    await admin.publish(METRICS_TOPIC.name, records);
    await eventually(async () => {
      let letters = 0;
      await admin.readAll(DEAD_LETTER_TOPIC.name, () => {
        letters += 1;
      });
      assert.equal(letters, 1);
    });
  });

  test('what is taken away and given back costs no event, and no restart', async (t) => {
    const producer = start(t, 'producer', { NODE_NAME: 'worker-2', INTERVAL: '1s' });
    const consumer = start(t, 'consumer', { KAFKA_GROUP: GROUP });
    const urls = await Promise.all(
      [producer, consumer].map(async (each) => (await each.printed(/"url":"(http:[^"]+)"/))[1] ?? ''),
    );
    const figures = () => Promise.all(urls.map(async (url) => figuresOf(await textOf(`${url}/metrics`))));
    const ready = (status: number, reason: RegExp) =>
      eventually(async () => {
        for (const url of urls) {
          const response = await fetch(`${url}/readyz`);
          assert.equal(response.status, status);
          assert.match(await response.text(), reason);
        }
      });
    const works = () =>
      eventually(async () => {
        const [sent, seen] = await figures();
        assert.equal(seen?.of('sysmon_node_up', { node: 'worker-2' }), 1);
        assert.equal(sent?.sum('sysmon_producer_spool_events'), 0);
      });
    await ready(200, /^/);
    await works();

    await asAdmin((admin) => admin.deleteAcls({ filters: RULES }));
    await ready(503, /authori[sz]/i);
    await eventually(async () => {
      const [sent] = await figures();
      assert.ok((sent?.sum('sysmon_producer_spool_events') ?? 0) >= 3);
    });
    await asAdmin((admin) => admin.createAcls({ acl: RULES }));
    await ready(200, /^/);
    await works();
    const [sent, seen] = await figures();
    assert.equal(sent?.sum('sysmon_producer_events_dropped_total'), 0);
    assert.equal(seen?.of('sysmon_node_events_lost_total', { node: 'worker-2' }), 0);
  });

  test('what neither of them needs is denied', async () => {
    const [producer, consumer] = [busOf('producer'), busOf('consumer')];
    await assert.rejects(producer.publish(ALERTS_TOPIC.name, records), denied);
    await assert.rejects(producer.publish(DEAD_LETTER_TOPIC.name, records), denied);
    await assert.rejects(consumer.publish(METRICS_TOPIC.name, records), denied);
    const reading = producer.readAll(METRICS_TOPIC.name, () => undefined);
    await assert.rejects(reading, denied);
    await assert.rejects(consumer.ensureTopics([{ name: 'another', partitions: 1, config: {} }]), /create topics/);

    const listener = new Listener();
    await listener.join(consumer, METRICS_TOPIC.name, 'another-group');
    await eventually(() => assert.match(listener.subscription?.trouble ?? '', /another-group/));
    assert.equal(listener.subscription?.fresh, false);
  });
});

function login(user: User) {
  return { mechanism: 'plain', username: user, password: user } as const;
}

function rulesFor(user: User) {
  return ({ type, name, operations }: Right) =>
    operations.map((operation) => ({
      principal: `User:${user}`,
      host: '*',
      resourceType: TYPES[type],
      resourceName: name,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      operation: OPERATIONS[operation],
      permissionType: AclPermissionTypes.ALLOW,
    }));
}
