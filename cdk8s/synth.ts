/**
 * Writes everything that is generated for the cluster: our charts, and values for those of others. Files of a folder that are no longer generated are deleted.
 * With `--check` it writes nothing, names the files that differ and fails.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { differencesOf } from './helm/folder.ts';
import { kafkaChart } from './kafka/chart.ts';
import { plainKafkaChart } from './kafka/plain/chart.ts';
import { monitoringChart } from './monitoring/chart.ts';
import { readDashboards } from './monitoring/dashboards.ts';
import { releaseFiles } from './releases/files.ts';

/** A folder in which every file is generated: path below it → text. */
interface Folder {
  readonly path: string;
  readonly files: ReadonlyMap<string, string>;
}

const ROOT = join(import.meta.dirname, '..');

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

const FOLDERS: readonly Folder[] = [
  { path: 'charts/values', files: releaseFiles() },
  { path: 'charts/kafka', files: kafkaChart(version).files() },
  { path: 'charts/plain-kafka', files: plainKafkaChart(version).files() },
  {
    path: 'charts/system-monitoring',
    files: monitoringChart(version, readDashboards(join(ROOT, 'grafana-dashboards'))).files(),
  },
];

const check = process.argv.includes('--check');
const differences = FOLDERS.flatMap(({ path, files }) => differencesOf(join(ROOT, path), files));
for (const { path, text } of differences) {
  const name = relative(ROOT, path);
  if (check) process.stderr.write(`${name} is not what it should be: run \`make synth\` and commit it\n`);
  else if (text === undefined) rmSync(path);
  else {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
if (check && differences.length > 0) process.exitCode = 1;
