/**
 * The tools: what a person asks about rules and alerts.
 *
 *   npm run sysmon -- COMMAND [--help]
 *
 * Exit code 0: done; 1: it failed, or found something wrong; 2: what was asked for makes no sense.
 */
import { argv, chdir, env, exit, stderr, stdout } from 'node:process';
import { alerts } from './alerts.ts';
import { backtestCommand } from './backtest.ts';
import { type Commands, runCommand } from './command.ts';
import { rulesCheck } from './rules-check.ts';
import { rulesTest } from './rules-test.ts';

const COMMANDS: Commands = {
  'rules check': rulesCheck,
  'rules test': rulesTest,
  backtest: backtestCommand({ env, now: Date.now }),
  alerts,
};

/** npm starts scripts in the project's root; files are named from where the person is. */
if (env.npm_lifecycle_event === 'sysmon' && env.INIT_CWD !== undefined) chdir(env.INIT_CWD);

/** Whoever reads may stop reading: `| head`. */
stdout.on('error', () => exit(1));

const code = await runCommand(COMMANDS, argv.slice(2), {
  say: (line) => void stdout.write(`${line}\n`),
  complain: (line) => void stderr.write(`${line}\n`),
  ...(stderr.isTTY && { progress: (text = '') => void stderr.write(`\r${text}\x1b[K`) }),
});
process.exitCode = code;
