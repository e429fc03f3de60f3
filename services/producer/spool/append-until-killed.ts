/** A program for tests: appends events to the spool in a directory, and names each on standard output once it is there. */
import { writeSync } from 'node:fs';
import { startRun } from './fake-run.ts';
import { openFiles } from './files.ts';

const [directory = '', epoch = ''] = process.argv.slice(2);
const run = startRun(openFiles(directory), { epoch, segmentBytes: 200_000 });
// A round number of events would end on its own; the parent kills it long before.
for (let i = 0; i < 1e6; i++) writeSync(1, `${run.append(1000 + ((i * 7919) % 60_000))}\n`);
