/**
 * The charts of others take our values for them, in each profile and with either log shipper, as `make deploy` would give
 * them: CHARTS_DIR holds their archives. Tests need no internet beyond package registries, so without it this is skipped.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { LOG_SHIPPERS, PROFILES, type Profile } from '../../cdk8s/releases/table.ts';
import { input, templateArgs } from '../../deploy/helm.ts';
import { archive, type PlannedRelease, plan } from '../../deploy/plan.ts';
import { finished } from '../tools/process.ts';
import { skipWithoutTool, TOOLS } from '../tools/tools.ts';
import { CLUSTER, HELMS, parseObjects } from './charts.ts';
import { idOf } from './object.ts';

const given = process.env.CHARTS_DIR;
const WITHOUT =
  'CHARTS_DIR is not set: the folder with the archives of the charts of others that docs/CLUSTER.md tells of';
const chartsDir = resolve(given ?? '.');

// Values files are named from there.
process.chdir(join(import.meta.dirname, '../..'));

/** Those that are not ours, each once: what a profile installs with either log shipper. */
function releasesOf(profile: Profile): readonly PlannedRelease[] {
  const none = { skip: [], imageRegistry: undefined, valuesDir: undefined, set: undefined };
  const releases = LOG_SHIPPERS.flatMap((logShipper) =>
    plan({ ...none, profile, logShipper, chartsDir }, existsSync).filter((each) => archive(each) !== undefined),
  );
  return [...new Map(releases.map((release) => [release.name, release])).values()];
}

if (given === undefined) test('the charts of others take our values', { skip: WITHOUT });
else for (const profile of Object.keys(PROFILES) as Profile[]) testProfile(profile);

function testProfile(profile: Profile): void {
  for (const release of releasesOf(profile)) {
    for (const helm of HELMS) {
      test(`${release.name} in the profile ${profile}: ${helm} renders it with our values`, {
        skip: skipWithoutTool(helm),
      }, async () => {
        const program = join(TOOLS[helm].folder, 'helm');
        const text = await finished(program, templateArgs(release, ...CLUSTER), { input: input(release) });
        const ids = parseObjects(text, release.name).map((object) => `${idOf(object)} ${object.metadata.namespace}`);
        assert.ok(ids.length > 0);
        assert.deepEqual(ids, [...new Set(ids)]);
      });
    }
  }
}
