/** A network between clients and a broker: a proxy on loopback that does to what passes what networks do on a bad day. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * `well`: all passes. `cut`: connections end, and no new one comes about. `silent`: nothing passes, and nobody is told.
 * `deaf`: the broker hears, and its answers do not come back. `late`: all passes half a second later. `trickling`: a byte a second.
 */
export type Weather = 'well' | 'cut' | 'silent' | 'deaf' | 'late' | 'trickling';

const LATE_MS = 500;
const TRICKLE_MS = 1_000;

export class Link {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** The port of the broker, which starts later: it has to know where its links are. */
  target = 0;
  #weather: Weather = 'well';
  #changed = new AbortController();

  static async start(): Promise<Link> {
    const link = new Link();
    await once(link.#server, 'listening');
    return link;
  }

  private constructor() {
    this.#server = createServer((client) => this.#join(client));
    this.#server.listen(0, '127.0.0.1');
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  become(weather: Weather): void {
    this.#weather = weather;
    this.#changed.abort();
    this.#changed = new AbortController();
    if (weather === 'cut') for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    this.become('cut');
    await once(this.#server.close(), 'close');
  }

  #join(client: Socket): void {
    if (this.#weather === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const broker = connect(this.target, '127.0.0.1');
    for (const [from, to, answers] of [
      [client, broker, false],
      [broker, client, true],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay();
      from.once('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      // A connection that breaks is what this is for: `close` follows.
      from.on('error', () => undefined);
      this.#carry(from, to, answers).catch(() => from.destroy());
    }
  }

  async #carry(from: Socket, to: Socket, answers: boolean): Promise<void> {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      let left = chunk;
      while (left.length > 0 && !to.destroyed) {
        const weather = this.#weather;
        if (weather === 'silent' || (weather === 'deaf' && answers)) await this.#pass(undefined);
        else if (weather === 'trickling') {
          await this.#pass(TRICKLE_MS);
          to.write(left.subarray(0, 1));
          left = left.subarray(1);
        } else {
          if (weather === 'late') await this.#pass(LATE_MS);
          if (!to.write(left)) await once(to, 'drain');
          left = left.subarray(left.length);
        }
      }
    }
  }

  /** That much time, or until the weather changes, which it does at the latest when the link stops. */
  async #pass(ms: number | undefined): Promise<void> {
    const { signal } = this.#changed;
    if (ms === undefined) await once(signal, 'abort');
    else await delay(ms, undefined, { signal }).catch(() => undefined);
  }
}
