import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '#runtime/config.ts';
import { KAFKA_SETTINGS, kafkaOptions } from './settings.ts';

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

function options(env: Record<string, string>) {
  const { log: _, ...rest } = kafkaOptions(
    loadConfig(KAFKA_SETTINGS, { KAFKA_BROKERS: 'a:9092', ...env }),
    'producer',
    log,
  );
  return rest;
}

test('brokers alone mean no TLS and no login', () => {
  assert.deepEqual(options({ KAFKA_BROKERS: 'a:9092,b:9092' }), {
    brokers: ['a:9092', 'b:9092'],
    clientId: 'producer',
  });
});

test('an authority or a certificate turns on TLS', () => {
  assert.deepEqual(options({ KAFKA_TLS_CA: '/ca.crt' }).tls, { ca: '/ca.crt' });
  assert.deepEqual(options({ KAFKA_TLS_CERT: '/tls.crt', KAFKA_TLS_KEY: '/tls.key' }).tls, {
    cert: '/tls.crt',
    key: '/tls.key',
  });
});

test('a mechanism with its user and password is a login', () => {
  const sasl = { mechanism: 'scram-sha-512', username: 'agent', password: 'secret' };
  assert.deepEqual(
    options({ KAFKA_SASL_MECHANISM: sasl.mechanism, KAFKA_SASL_USERNAME: 'agent', KAFKA_SASL_PASSWORD: 'secret' }).sasl,
    sasl,
  );
});

test('half of a certificate and half of a login are told together, and the password is not', () => {
  assert.throws(
    () => options({ KAFKA_TLS_CERT: '/tls.crt', KAFKA_SASL_PASSWORD: 'hunter2' }),
    (error: Error) => {
      assert.deepEqual(error.message.split('\n'), [
        'KAFKA_TLS_CERT is set: expected KAFKA_TLS_KEY to be set, too',
        'KAFKA_SASL_PASSWORD is set: expected KAFKA_SASL_MECHANISM to be set, too',
      ]);
      return true;
    },
  );
});
