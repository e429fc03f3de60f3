/** The charts that have to be there as files, before anything is changed. */
import { existsSync } from 'node:fs';
import { archive, type PlannedRelease } from '../plan.ts';
import type { Finding } from './finding.ts';

export function examineCharts(releases: readonly PlannedRelease[], chartsDir: string | undefined): readonly Finding[] {
  const wanted = releases.filter((release) => 'folder' in release.home || chartsDir !== undefined);
  const absent = wanted.filter((release) => !existsSync(release.chart));
  const what = 'charts';
  if (absent.length === 0)
    return [{ what, level: 'ok', found: `${wanted.length} here, ${releases.length - wanted.length} to be downloaded` }];
  const names = absent.map((release) => archive(release) ?? release.chart).join(', ');
  return [
    {
      what,
      level: 'fail',
      found: `missing${chartsDir === undefined ? '' : ` in ${chartsDir}`}: ${names}`,
      fix: '`helm pull CHART --version VERSION` on a machine with internet makes an archive; folders of ours are written by `make synth`.',
    },
  ];
}
