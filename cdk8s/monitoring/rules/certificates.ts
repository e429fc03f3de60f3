/** Do the services keep their access to Kafka? */
import type { Rule } from './rule.ts';

/** Strimzi renews certificates 30 days before their end, unless told otherwise: what is this old was not renewed. */
const RENEWED_BY_NOW_DAYS = 14;

/** @param consumers matchers of their series, and @param producers of theirs. */
export function certificateRules(consumers: string, producers: string): readonly Rule[] {
  const left = [consumers, producers].map(
    (matchers) => `sysmon_kafka_certificate_expiry_timestamp_seconds{${matchers}} - time()`,
  );
  return [
    {
      alert: 'SystemMonitoringCertificateExpires',
      expr: `(${left.join(' or ')}) < ${RENEWED_BY_NOW_DAYS} * 86400`,
      for: '1h',
      labels: { severity: 'warning' },
      annotations: {
        summary: 'The certificate that {{ $labels.pod }} shows to Kafka ends in {{ $value | humanizeDuration }}',
        description:
          'It has not been renewed, or the pod does not see that it was. Without it Kafka takes nothing. See the secret of the KafkaUser.',
      },
    },
  ];
}
