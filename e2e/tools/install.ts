/**
 * Puts what `tools.ts` lists into the repository's `.cache`:
 *
 *   node e2e/tools/install.ts
 *
 * What is there stays. Each appears at once or not at all: two runs at a time, or one cut short, do no harm. Ends with 1 if
 * something is still missing then; the tests that need it say so again.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { messageOf } from '#runtime/errors.ts';
import { missing, TOOLS, type Tool } from './tools.ts';

async function install(tool: Tool): Promise<void> {
  const { folder } = tool;
  if (existsSync(folder)) return;
  const needs = missing(tool);
  if (needs.length > 0) return fail(`${basename(folder)} is not installed: that needs ${needs.join(' and ')}`);
  const began = performance.now();
  mkdirSync(dirname(folder), { recursive: true });
  const scratch = mkdtempSync(`${folder}.install-`);
  try {
    await tool.install(scratch);
    if (!existsSync(folder)) renameSync(scratch, folder); // else another run came first, with the same
    say(`${basename(folder)} installed in ${Math.round((performance.now() - began) / 1000)} s`);
  } catch (error) {
    fail(`${basename(folder)} is not installed: ${messageOf(error)}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Compiling takes every core for itself, the others mostly wait for the network. */
async function installAll(): Promise<void> {
  const tools = Object.values<Tool>(TOOLS).filter(({ folder }) => !existsSync(folder));
  if (tools.length > 0) say('Installing what the proof of the charts needs; it is kept in .cache …');
  const compiled = tools.filter((tool) => tool.compiled === true);
  const downloaded = tools.filter((tool) => !compiled.includes(tool));
  await Promise.all([compiled, downloaded].map(inTurn));
}

async function inTurn(tools: readonly Tool[]): Promise<void> {
  for (const tool of tools) await install(tool);
}

function fail(line: string): void {
  say(line);
  process.exitCode = 1;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

await installAll();
