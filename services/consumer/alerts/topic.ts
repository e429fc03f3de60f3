/** Where the alerts of a topic of events are kept. */
import { ALERTS_TOPIC, METRICS_TOPIC } from '#contract/topic.ts';

export function alertsTopicOf(eventsTopic: string): string {
  return eventsTopic === METRICS_TOPIC.name ? ALERTS_TOPIC.name : `${eventsTopic}.alerts`;
}
