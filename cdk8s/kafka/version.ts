/** The version of Kafka that the charts run unless told otherwise. */
export const KAFKA_VERSION = '4.3.1';
