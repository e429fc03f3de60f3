/** When the certificate that is shown to the brokers ends, for a gauge that people are alerted by before it does. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

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
