import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import Connection from 'kafkajs/src/network/connection.js';
import './connection.ts';

const server = createServer();
let port = 0;
before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (typeof address === 'object' && address !== null) port = address.port;
});
after(() => server.close());

function newConnection() {
  const quiet = () => undefined;
  const logger = { namespace: () => logger, debug: quiet, error: quiet };
  let sockets = 0;
  const connection = new Connection({
    host: '127.0.0.1',
    port,
    connectionTimeout: 1_000,
    requestTimeout: 1_000,
    logger,
    socketFactory: ({ host, port, onConnect }) => {
      sockets += 1;
      return connect({ host, port }, onConnect);
    },
  });
  return { connection, sockets: () => sockets };
}

test('a connection that is asked for twice at a time is opened once, and again after it was closed', async () => {
  const { connection, sockets } = newConnection();
  await Promise.all([connection.connect(), connection.connect()]);
  assert.equal(sockets(), 1);
  assert.equal(connection.isConnected(), true);
  await connection.disconnect();
  await connection.connect();
  assert.equal(sockets(), 2);
  await connection.disconnect();
});

test('a connection that is gone may be ended any number of times without a trace', async () => {
  const { connection } = newConnection();
  await connection.connect();
  const { socket } = connection;
  socket?.destroy();
  for (let n = 0; n < 12; n++) await connection.disconnect();
  assert.equal(socket?.listenerCount('connect'), 0);
  assert.equal(connection.isConnected(), false);
});
