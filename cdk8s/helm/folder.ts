/** A folder in which files are generated: what differs between it and what it should be. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A file to write, or to delete where there is no text. */
export interface Difference {
  readonly path: string;
  readonly text?: string;
}

/**
 * @param files what should be there: path below the folder → text.
 * @param generated whether a path below the folder is of a file that is generated, and so stale if it is not among them.
 */
export function differencesOf(
  folder: string,
  files: ReadonlyMap<string, string>,
  generated: (path: string) => boolean = () => true,
): Difference[] {
  const found = new Set(filesBelow(folder).filter(generated));
  const wrong = [...files].filter(([path, text]) => {
    return !found.has(path) || readFileSync(join(folder, path), 'utf8') !== text;
  });
  const stale = [...found].filter((path) => !files.has(path));
  return [
    ...wrong.map(([path, text]) => ({ path: join(folder, path), text })),
    ...stale.map((path) => ({ path: join(folder, path) })),
  ];
}

function filesBelow(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((each) => !each.isDirectory())
      .map((each) => relative(folder, join(each.parentPath, each.name)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
