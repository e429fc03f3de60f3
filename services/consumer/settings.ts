/** The consumer's environment. */
import { fileURLToPath } from 'node:url';
import { KAFKA_SETTINGS } from '#bus/settings.ts';
import { LOG_LEVELS } from '#runtime/log.ts';
import { address, filePath, name, oneOf } from '#runtime/settings.ts';

export const DEFAULT_RULES = fileURLToPath(new URL('rules/default.rules.yaml', import.meta.url));

export const CONSUMER_SETTINGS = {
  ...KAFKA_SETTINGS,
  KAFKA_GROUP: {
    ...name,
    help: 'The consumer group. Its members share the partitions; another group sees everything once more.',
    default: 'system-monitoring',
  },
  LISTEN: { ...address, help: 'Where `/metrics`, `/livez` and `/readyz` are served.', default: ':8080' },
  RULES: {
    ...filePath,
    help: 'A file of Prometheus alerting rules that events are judged by.',
    unset: 'the rules that come with the consumer',
  },
  ALERT_LOG: {
    ...filePath,
    help: 'A file that gets every line of the alert log, besides standard output. It may be rotated at any time.',
    unset: 'standard output alone',
  },
  LOG_LEVEL: { ...oneOf(...LOG_LEVELS), help: 'The least level that is logged.', default: 'info' },
};
