import assert from 'node:assert/strict';
import { test } from 'node:test';
import kafkajs, { type KafkaJSProtocolError } from 'kafkajs';
import { busError, isFatal } from './errors.ts';

function answer(type: string, message: string): KafkaJSProtocolError {
  return new kafkajs.KafkaJSProtocolError({ type, message, code: 1, retriable: false } as never);
}

test('what the broker has answered decides, however deep kafkajs has wrapped it', () => {
  for (const [type, code] of [
    ['MESSAGE_TOO_LARGE', 'BUS_REFUSED'],
    ['TOPIC_AUTHORIZATION_FAILED', 'BUS_DENIED'],
    ['UNSUPPORTED_VERSION', 'BUS_FATAL'],
    ['NOT_LEADER_FOR_PARTITION', 'BUS_UNAVAILABLE'],
  ] as const) {
    const inner = answer(type, 'no');
    const wrapped = new Error('gave up', { cause: new Error('tried', { cause: inner }) });
    const together = new kafkajs.KafkaJSAggregateError('Topic creation errors', [inner as never]);
    assert.deepEqual(
      [inner, wrapped, together].map((error) => busError(error, 'publish').code),
      [code, code, code],
    );
  }
});

test('of errors that stand for several each is told', () => {
  const errors = [answer('TOPIC_AUTHORIZATION_FAILED', 'Not authorized to access topics: a')];
  const { message } = busError(
    new kafkajs.KafkaJSAggregateError('Topic creation errors', errors as never),
    'create topics',
  );
  assert.equal(message, 'create topics: Topic creation errors: Not authorized to access topics: a');
});

test('a mistake in this program is fatal, a connection that is lost is not', () => {
  assert.equal(isFatal(new TypeError('x is not a function')), true);
  assert.equal(isFatal(new kafkajs.KafkaJSConnectionError('Connection refused')), false);
});
