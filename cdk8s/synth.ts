/**
 * Writes everything that is generated for the cluster: our charts, values for those of others, and dashboards. Files of a folder that are no longer
 * generated are deleted.
 * With `--check` it writes nothing, names the files that differ and fails.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { dashboardFiles } from '../grafana-dashboards/src/dashboards.ts';
import { differencesOf } from './helm/folder.ts';
import { kafkaChart } from './kafka/chart.ts';
import { plainKafkaChart } from './kafka/plain/chart.ts';
import { monitoringChart } from './monitoring/chart.ts';
import { releaseFiles } from './releases/files.ts';

/** A folder with files that are generated: path below it → text. */
interface Folder {
  readonly path: string;
  readonly files: ReadonlyMap<string, string>;
  /** Which files are; all, unless it says so. */
  readonly generated?: (path: string) => boolean;
}

const ROOT = join(import.meta.dirname, '..');

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

const dashboards = dashboardFiles();

const FOLDERS: readonly Folder[] = [
  { path: 'grafana-dashboards', files: dashboards, generated: (path) => path.endsWith('.json') },
  { path: 'charts/values', files: releaseFiles() },
  { path: 'charts/kafka', files: kafkaChart(version).files() },
  { path: 'charts/plain-kafka', files: plainKafkaChart(version).files() },
  { path: 'charts/system-monitoring', files: monitoringChart(version, dashboards).files() },
];

const check = process.argv.includes('--check');
const differences = FOLDERS.flatMap(({ path, files, generated }) => differencesOf(join(ROOT, path), files, generated));
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
