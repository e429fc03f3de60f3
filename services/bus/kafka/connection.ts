/**
 * Two requests that find a connection closed make kafkajs open it twice: one socket is used, the other is forgotten, and
 * when the broker ends that one, the connection in use is closed. Here the second waits for the first.
 *
 * And a connection that is gone is ended again with every request that fails on it, for each of which Node.js notes a
 * listener and warns of a leak when there are many. Here a socket that is gone is let go.
 *
 * By importing the inner module rather than by patching a file, so that it holds in a bundle, too.
 */
import Connection from 'kafkajs/src/network/connection.js';

const { connect, disconnect } = Connection.prototype;
const connecting = new WeakMap<Connection, Promise<unknown>>();

Connection.prototype.connect = function connectOnce(): Promise<unknown> {
  const known = connecting.get(this);
  if (known !== undefined) return known;
  const attempt = connect.call(this).finally(() => connecting.delete(this));
  connecting.set(this, attempt);
  return attempt;
};

Connection.prototype.disconnect = function disconnectOnce(): Promise<unknown> {
  if (this.socket?.destroyed) this.socket = null;
  return disconnect.call(this);
};
