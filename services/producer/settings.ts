/** The producer's environment. */
import { hostname } from 'node:os';
import { KAFKA_SETTINGS } from '#bus/settings.ts';
import { LOG_LEVELS } from '#runtime/log.ts';
import { address, directory, duration, name, oneOf } from '#runtime/settings.ts';
import { collectorNames } from './collectors/selection.ts';

export const PRODUCER_SETTINGS = {
  ...KAFKA_SETTINGS,
  CLUSTER_NAME: { ...name, help: 'The cluster that the node is part of.', default: 'default' },
  NODE_NAME: {
    ...name,
    help: 'What the node is called, in every metric and alert. In a container it has to be told.',
    unset: "the machine's host name",
    fallback: hostname,
  },
  HOST_ROOT: { ...directory, help: "Where the host's root directory is mounted.", default: '/' },
  INTERVAL: { ...duration('1s', '5m'), help: 'How often the node is measured.', default: '5s' },
  COLLECTORS: { ...collectorNames, help: 'What is measured.', default: 'default' },
  LISTEN: { ...address, help: 'Where `/metrics`, `/livez` and `/readyz` are served.', default: ':8081' },
  LOG_LEVEL: { ...oneOf(...LOG_LEVELS), help: 'The least level that is logged.', default: 'info' },
};
