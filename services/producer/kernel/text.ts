/**
 * What the kernel's text files have in common. A number that cannot be read is NaN, never 0: it may be calculated with, and
 * ends where it is emitted, which refuses it and says so.
 */
import { PipelineError } from '#runtime/errors.ts';

const DECIMAL = /^-?\d+(?:\.\d+)?$/;

/** The value of a plain decimal number, NaN for anything else and for nothing. */
export function decimal(text: string | undefined): number {
  return text !== undefined && DECIMAL.test(text) ? Number(text) : Number.NaN;
}

const HEXADECIMAL = /^(?:0x)?[\da-f]+$/i;

/** The value of a hexadecimal number, with or without `0x`, NaN for anything else and for nothing. */
export function hexadecimal(text: string | undefined): number {
  return text !== undefined && HEXADECIMAL.test(text) ? Number.parseInt(text, 16) : Number.NaN;
}

/** The words of a line, however far apart. */
export function words(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === '' ? [] : trimmed.split(/\s+/);
}

/**
 * The lines of a file, without empty ones.
 *
 * @throws PipelineError `PARSE` if the last one has no end. The kernel ends every line, so this one was cut, and a number cut
 * short is a number all the same.
 */
export function lines(file: string, text: string): string[] {
  const all = text.split('\n');
  const rest = all.pop();
  if (rest !== '') throw malformed(file, 'the end of a line', rest);
  return all.filter((line) => line.trim() !== '');
}

/** The error for a file that does not read as its grammar says. */
export function malformed(file: string, expected: string, got: string | undefined): PipelineError {
  const shown = got === undefined ? 'nothing' : JSON.stringify(got.slice(-80));
  return new PipelineError('PARSE', `${file}: expected ${expected}, got ${shown}`);
}
