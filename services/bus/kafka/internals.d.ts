/** What is used of the inside of kafkajs. Its types know nothing of it; what stands here was read in its sources. */

/** The queue of requests of one connection, whose timer is replaced (request-queue.ts). */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    pending: readonly unknown[];
    throttledUntil: number;
    throttleCheckTimeoutId: NodeJS.Timeout | null;
    checkPendingRequests(): void;
    scheduleCheckPendingRequests(): void;
  }
}

/** How the newest answer to a fetch that kafkajs knows is read, which is replaced (fetch-response.ts). */
declare module 'kafkajs/src/protocol/requests/fetch/v11/response.js' {
  const response: {
    decode(payload: Buffer): Promise<unknown>;
    parse(decoded: unknown): Promise<unknown>;
  };
  export default response;
}

declare module 'kafkajs/src/protocol/requests/fetch/index.js' {
  const fetch: {
    readonly versions: readonly string[];
    protocol(wanted: {
      version: number;
    }): (request: object) => { response: { decode(payload: Buffer): Promise<unknown> } };
  };
  export default fetch;
}

declare module 'kafkajs/src/protocol/error.js' {
  const errors: { createErrorFromCode(code: number): Error };
  export default errors;
}

declare module 'kafkajs/src/protocol/recordBatch/crc32C/crc32C.js' {
  /** Castagnoli's. */
  export default function crc32c(bytes: Uint8Array): number;
}

/** A connection to a broker, which is opened and ended once at a time (connection.ts). */
declare module 'kafkajs/src/network/connection.js' {
  import type { Socket } from 'node:net';

  interface ConnectionLogger {
    namespace(name: string): ConnectionLogger;
    debug(): void;
    error(): void;
  }

  export default class Connection {
    constructor(options: {
      host: string;
      port: number;
      connectionTimeout: number;
      requestTimeout: number;
      logger: ConnectionLogger;
      socketFactory: (to: { host: string; port: number; onConnect: () => void }) => Socket;
    });
    socket: Socket | null | undefined;
    isConnected(): boolean;
    connect(): Promise<unknown>;
    disconnect(): Promise<unknown>;
  }
}
