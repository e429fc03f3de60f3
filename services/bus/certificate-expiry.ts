/** When the certificate that is shown to the brokers ends, for a gauge that people are alerted by before it does. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { PIPELINE_METRICS } from '#contract/pipeline-metrics.ts';
import type { Meters } from '#runtime/meters.ts';

/**
 * @param file PEM, read now, so what was renewed counts at once
 * @returns seconds since the Unix epoch, of its first certificate; `undefined` if none can be read
 */
export function certificateExpiry(file: string): number | undefined {
  try {
    return Date.parse(new X509Certificate(readFileSync(file)).validTo) / 1000;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

/** @param file where there is one. While it cannot be read nothing is shown: a gauge without labels would be 0. */
export function showCertificateExpiry(meters: Meters<typeof PIPELINE_METRICS>, file: string | undefined): void {
  if (file === undefined) return;
  meters.gauge('sysmon_kafka_certificate_expiry_timestamp_seconds', (gauge) => {
    const expiry = certificateExpiry(file);
    if (expiry === undefined) gauge.remove();
    else gauge.set(expiry);
  });
}
