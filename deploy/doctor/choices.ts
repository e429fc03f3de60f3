/** What follows from the choices, and may not have been meant. */
import type { Choices, PlannedRelease } from '../plan.ts';
import type { Finding } from './finding.ts';

export function examineChoices(
  releases: readonly PlannedRelease[],
  { logShipper, skip, valuesDir }: Choices,
): readonly Finding[] {
  if (skip.includes(logShipper) || releases.some(({ name }) => name === logShipper)) return [];
  const file = `${valuesDir ?? 'VALUES_DIR'}/${logShipper}.yaml`;
  return [
    {
      what: 'logs',
      level: 'warn',
      found: `${logShipper} is left out with loki: no ${file} says where else logs go`,
      fix: `Name the Loki of your own in that file, as charts/values/${logShipper}.yaml does; or say SKIP=loki,${logShipper}`,
    },
  ];
}
