/** What did fire, as far as the alerts' topic has it: of each alert its last life, until a day after its end. */
import type { Bus, BusRecord } from '#bus/bus.ts';
import { decodeAlert } from '../../consumer/alerts/record.ts';
import { newest } from '../../consumer/alerts/store.ts';
import type { Transition } from '../../consumer/alerts/transition.ts';

/** Event times, milliseconds. */
export interface Told
  extends Pick<Transition, 'alertId' | 'alertname' | 'severity' | 'cluster' | 'node' | 'labels' | 'since' | 'reason'> {
  /** `undefined` if it has not. */
  readonly fired: number | undefined;
  readonly resolved: number | undefined;
}

/** @param group the consumer group that told it. */
export async function readTold(bus: Pick<Bus, 'readAll'>, topic: string, group: string): Promise<readonly Told[]> {
  const records = new Map<string, BusRecord>();
  await bus.readAll(topic, (record) => newest(records, record));
  return [...records.values()].flatMap((record): Told[] => {
    const kept = record.value === null ? undefined : decodeAlert(group, record);
    if (kept === undefined || 'problem' in kept) return [];
    const { alertId, alertname, severity, cluster, node, labels, since, reason, state, time } = kept.change.transition;
    const resolved = state === 'resolved' ? time : undefined;
    const identity = { alertId, alertname, severity, cluster, node, labels };
    return [{ ...identity, since, fired: kept.change.firedAt, resolved, reason }];
  });
}
