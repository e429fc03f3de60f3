/** A few records in a file of their own, which is replaced as a whole: what is read is all of one state or all of another. */
import type { Files } from './files.ts';
import { type StoredRecord, scan } from './record.ts';

export interface KeptFile {
  /** What can be read of it; nothing if there is none. */
  read(): StoredRecord[];
  replace(records: readonly Buffer[]): void;
  remove(): void;
}

export function createKeptFile(files: Files, name: string): KeptFile {
  return {
    read() {
      if (!files.list().includes(name)) return [];
      const file = files.open(name, 'read');
      try {
        return [...scan(file.read(file.size(), 0))].filter((part) => 'meta' in part);
      } finally {
        file.close();
      }
    },
    replace(records) {
      const unfinished = `${name}.new`;
      const file = files.open(unfinished, 'replace');
      try {
        file.write(Buffer.concat(records), 0);
      } finally {
        file.close();
      }
      files.rename(unfinished, name);
    },
    remove: () => files.remove(name),
  };
}
