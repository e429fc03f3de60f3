/**
 * Which partition a key belongs to: murmur2 as in Kafka's Java client, so that every implementation and language agrees.
 * Without a key the partitions take turns.
 */
import { Partitioners } from 'kafkajs';

const partition = Partitioners.DefaultPartitioner();

export function partitionOf(key: string | Buffer | null, partitions: number): number {
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => {
    return { partitionId, partitionErrorCode: 0, leader: 0, replicas: [], isr: [] };
  });
  return partition({ topic: '', partitionMetadata, message: { key, value: null } });
}
