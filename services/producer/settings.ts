/** The producer's environment. */
import { hostname } from 'node:os';
import { KAFKA_SETTINGS } from '#bus/settings.ts';
import { LOG_LEVELS } from '#runtime/log.ts';
import { address, bytes, directory, duration, name, oneOf, whole } from '#runtime/settings.ts';
import { collectorNames } from './collectors/selection.ts';
import { scenarioList } from './simulation/scenario.ts';

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
  SPOOL_DIR: {
    ...directory,
    help:
      'Where events wait on disk, for this process alone. If it is killed, nothing is lost that was measured; if the power goes ' +
      'while Kafka is away, the last second. A disk that does not take them stops nothing: they wait in memory then. A ' +
      'simulated fleet waits in memory.',
    unset: 'events wait in memory, at most 16Mi',
  },
  SPOOL_MAX_BYTES: {
    ...bytes('8Mi', '1Ti'),
    help:
      'What the directory may take; when it is full the oldest events go. They are packed there, to about a twelfth: 64Mi is a ' +
      'day of a large node (20 kB every 5s), or half a day at one event a second.',
    default: '64Mi',
  },
  SPOOL_MAX_AGE: {
    ...duration('1m', '8760h'),
    help:
      'How long events wait, on disk or in memory, while something is there to measure the node; the topic itself forgets after ' +
      'a day.',
    default: '24h',
  },
  COLLECTORS: { ...collectorNames, help: 'What is measured.', default: 'default' },
  SIMULATE: {
    ...whole(1, 10_000),
    help: 'How many nodes to simulate (node-0000, node-0001, …), in the place of the one that this is: docs/SIMULATION.md.',
    unset: 'none: this machine is measured',
  },
  SIMULATE_SEED: {
    ...whole(0, 2 ** 32 - 1),
    help: 'Makes another fleet of the same size. The same seed is the same fleet.',
    default: '1',
  },
  SIMULATE_SPEED: {
    ...whole(1, 3600),
    help: "How many seconds pass for the simulated nodes in one second. INTERVAL is of the nodes' time.",
    default: '1',
  },
  SCENARIOS: {
    ...scenarioList,
    help:
      'What goes wrong on simulated nodes: `cpu-spike@node-0003+2m/10m, node-silent@node-000*` begins two minutes after the start ' +
      'and lasts ten; `*` in a name stands for any characters; unless told, it begins after 1m and lasts as long as the ' +
      'rules that should notice need.',
    unset: 'nothing',
    needs: ['SIMULATE'],
  },
  LISTEN: { ...address, help: 'Where `/metrics`, `/livez` and `/readyz` are served.', default: ':8081' },
  LOG_LEVEL: { ...oneOf(...LOG_LEVELS), help: 'The least level that is logged.', default: 'info' },
};
