/** The pipeline itself: does what the nodes say arrive, in time and once? */
import { dashboardOf } from '../grafana/dashboard.ts';
import { clusters, namespaces, nodes, top } from '../grafana/variables.ts';
import * as consumers from '../panels/consumers.ts';
import * as delivery from '../panels/delivery.ts';
import * as kafka from '../panels/kafka.ts';
import * as spool from '../panels/spool.ts';

export const pipelineDashboard = () =>
  dashboardOf({
    name: 'pipeline',
    title: 'System monitoring / Pipeline',
    description:
      'From the nodes through Kafka to Prometheus: delay, lag, loss, dead letters, spools, rebalances, Kafka, scrapes.',
    from: 'now-3h',
    refresh: '1m',
    variables: [clusters(), nodes(), namespaces(), top()],
    sections: [
      {
        panels: [
          delivery.nodesUp(),
          delivery.delayNow(),
          delivery.lagNow(),
          delivery.lostNow(),
          delivery.deadLettersNow(),
          delivery.ownersNow(),
          delivery.delay(),
          delivery.delayHeat(),
          delivery.lag(),
          delivery.throughput(),
        ],
      },
      {
        title: 'Loss, duplicates, dead letters',
        panels: [
          delivery.lost(),
          delivery.doubled(),
          delivery.deadLetters(),
          delivery.leastComplete(),
          delivery.oldest(),
          delivery.clocks(),
        ],
      },
      {
        title: 'Spools of the nodes',
        panels: [spool.spoolTable(), spool.published(), spool.givenUp(), spool.measuring(), spool.hostViews()],
      },
      {
        title: 'Consumers',
        panels: [consumers.rebalances(), consumers.owned(), consumers.fresh(), consumers.overflow()],
      },
      {
        title: 'Kafka',
        panels: [
          kafka.controllers(),
          kafka.offline(),
          kafka.underMinIsr(),
          kafka.underReplicated(),
          kafka.bytes(),
          kafka.messages(),
          kafka.failedRequests(),
          kafka.logSize(),
          kafka.jvm(),
          kafka.gc(),
        ],
      },
      {
        title: 'What scrapes cost',
        panels: [
          consumers.scrapeTime(),
          consumers.scrapeSize(),
          consumers.scrapeSeries(),
          consumers.cpu(),
          consumers.memory(),
          consumers.eventLoop(),
        ],
      },
    ],
  });
