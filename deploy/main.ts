/**
 * Deploys the whole pipeline to a Kubernetes cluster, and takes it away again.
 *
 *   node deploy/main.ts doctor|deploy|undeploy|open|upgrade-check|images [--help]
 *
 * Exit code 0: done; 1: it failed; 2: what was asked for makes no sense.
 */
import { existsSync } from 'node:fs';
import { chdir, env, exit, stderr, stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { type Config, helpText, loadConfig } from '#runtime/config.ts';
import { messageOf, PipelineError } from '#runtime/errors.ts';
import { RELEASES } from '../cdk8s/releases/table.ts';
import { configFor, connect } from './cluster.ts';
import { chooseContext, contexts } from './context.ts';
import { type Deployment, deploy, farewell } from './deploy.ts';
import { examineCharts } from './doctor/charts.ts';
import { examineChoices } from './doctor/choices.ts';
import { examineCluster, noContext } from './doctor/cluster.ts';
import { type Finding, report } from './doctor/finding.ts';
import { examineMachine } from './doctor/machine.ts';
import { imagesOf } from './images.ts';
import { findDoor, forward } from './open.ts';
import { type Choices, type PlannedRelease, plan, planned } from './plan.ts';
import { createProgress, elapsed } from './progress.ts';
import { run } from './run.ts';
import { DEPLOY_SETTINGS } from './settings.ts';
import { undeploy } from './undeploy.ts';
import { earlierChart, upgradeCheck } from './upgrade-check.ts';

const COMMANDS = {
  doctor: 'whether a deployment can work here',
  deploy: 'install or upgrade everything, and wait until it works',
  undeploy: 'remove everything but the data',
  open: 'Grafana on a port of this machine',
  'upgrade-check': 'rehearse the upgrade from the earlier chart, in a namespace of its own',
  images: 'the images that a deployment needs',
} as const;
type Command = keyof typeof COMMANDS;

const USAGE = `Usage: node deploy/main.ts COMMAND\n\n${Object.entries(COMMANDS)
  .map(([name, what]) => `  ${name.padEnd(14)} ${what}`)
  .join('\n')}`;

const say = (text: string): void => void stdout.write(`${text}\n`);

/** Values files and charts of ours are named from the project's root. */
chdir(`${import.meta.dirname}/..`);
const [command = '--help', ...rest] = process.argv.slice(2);
try {
  exit(await main(command, rest));
} catch (error) {
  stderr.write(`\n✗ ${messageOf(error)}\n`);
  exit(error instanceof PipelineError && error.code === 'CONFIG' ? 2 : 1);
}

async function main(name: string, more: readonly string[]): Promise<number> {
  if ([name, ...more].some((each) => each === '--help' || each === '-h')) {
    say(helpText(USAGE, DEPLOY_SETTINGS));
    return 0;
  }
  if (!Object.hasOwn(COMMANDS, name)) throw new PipelineError('CONFIG', `there is no command ${name}\n\n${USAGE}`);
  return await carryOut(name as Command);
}

/** What a command works with, once it is known what was asked for. */
interface Task {
  readonly config: Config<typeof DEPLOY_SETTINGS>;
  readonly choices: Choices;
  /** In the order of installation. */
  readonly releases: readonly PlannedRelease[];
}

async function carryOut(command: Command): Promise<number> {
  const config = loadConfig(DEPLOY_SETTINGS, env);
  const choices: Choices = {
    profile: config.PROFILE,
    skip: config.SKIP ?? [],
    logShipper: config.LOG_SHIPPER,
    chartsDir: config.CHARTS_DIR,
    imageRegistry: config.IMAGE_REGISTRY,
    valuesDir: config.VALUES_DIR,
    set: config.SET,
  };
  const task: Task = { config, choices, releases: plan(choices, existsSync) };
  if (command === 'images') say((await imagesOf(run, task.releases)).join('\n'));
  else if (command === 'doctor') return await doctor(task);
  else return await onCluster(command, task, await chooseContext(contexts(), config.CONTEXT, ask()));
  return 0;
}

async function onCluster(command: Exclude<Command, 'images' | 'doctor'>, task: Task, context: string): Promise<number> {
  const { config, choices } = task;
  const deployment = connected(context, config.TIMEOUT);
  switch (command) {
    case 'deploy':
      await deployAll(deployment, task);
      return 0;
    case 'undeploy': {
      // Whatever another profile or log shipper may have brought, too.
      const every = RELEASES.filter(({ name }) => !choices.skip.includes(name));
      await undeploy(
        deployment,
        every.map((release) => planned(release, choices, existsSync)),
        config.PURGE === '1',
      );
      return 0;
    }
    case 'open':
      return await forward(await findDoor(deployment.cluster), context, config.PORT, say);
    case 'upgrade-check': {
      const earlier = await earlierChart(run, config.PREVIOUS);
      try {
        await upgradeCheck(deployment, choices, earlier);
      } finally {
        earlier.dispose();
      }
      return 0;
    }
  }
}

async function deployAll(deployment: Deployment, { config, choices, releases }: Task): Promise<void> {
  const { progress, target, clock } = deployment;
  const start = clock.now();
  const findings = await examination(deployment, releases, choices);
  say(`${report(findings)}\n`);
  if (findings.some(({ level }) => level === 'fail')) {
    throw new PipelineError('DEPLOY', 'nothing was changed: see what is marked ✗');
  }
  progress.say(`deploying to ${target.context}, profile ${config.PROFILE}`);
  await deploy(deployment, releases);
  progress.say(`deployed in ${elapsed(clock.now() - start)}`);
  say(`\n${await farewell(deployment, releases)}`);
}

/** Before there is a cluster it has something to say all the same. */
async function doctor({ config, choices, releases }: Task): Promise<number> {
  const { current, all } = contexts();
  const context = config.CONTEXT ?? current;
  const findings =
    context !== undefined && all.includes(context)
      ? await examination(connected(context, config.TIMEOUT), releases, choices)
      : [
          ...(await examineMachine(run, true)),
          ...examineCharts(releases, choices.chartsDir),
          ...examineChoices(releases, choices),
          noContext(context),
        ];
  say(report(findings));
  return findings.some(({ level }) => level === 'fail') ? 1 : 0;
}

async function examination(
  { target, cluster }: Deployment,
  releases: readonly PlannedRelease[],
  choices: Choices,
): Promise<readonly Finding[]> {
  return [
    ...(await examineMachine(run, target.context.startsWith('kind-'))),
    ...examineCharts(releases, choices.chartsDir),
    ...examineChoices(releases, choices),
    ...(await examineCluster(cluster, target, releases)),
  ];
}

function connected(context: string, timeoutMs: number): Deployment {
  const { isTTY, columns = 80 } = stdout;
  return {
    target: { run, context },
    cluster: connect(configFor(context), run),
    clock: { now: Date.now, pause: (ms) => pause(ms) },
    progress: createProgress({ isTTY, columns, write: (text) => void stdout.write(text) }, Date.now),
    timeoutMs,
  };
}

/** Asks the person at the terminal; `undefined` where nobody is there. */
function ask(): ((question: string) => Promise<string>) | undefined {
  if (!stdin.isTTY || !stdout.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input: stdin, output: stdout });
    try {
      return await lines.question(question);
    } finally {
      lines.close();
    }
  };
}
