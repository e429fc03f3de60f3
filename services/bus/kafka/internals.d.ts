/** What is used of the inside of kafkajs. This part knows which of the fetched records a reader may see. */
declare module 'kafkajs/src/consumer/batch.js' {
  import type { KafkaMessage } from 'kafkajs';

  /** A partition's part of the answer to a fetch. */
  interface PartitionData {
    readonly partition: number;
    /** The records as they came: aborted ones, transaction markers, ones before the offset asked for. */
    readonly messages: readonly RawMessage[];
  }

  interface RawMessage {
    /** The record batch that the record came in, whose span compaction leaves as it was. */
    readonly batchContext: { readonly firstOffset: string; readonly lastOffsetDelta: number };
  }

  export default class Batch {
    constructor(topic: string, fetchedOffset: string, data: PartitionData);
    readonly messages: readonly KafkaMessage[];
    readonly rawMessages: readonly RawMessage[];
  }
}

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
