/**
 * One file out of a zip archive: enough to take a program out of a package on a machine without `unzip`.
 *
 * The table at the archive's end says where each file is; deflate is Node's.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.7, 4.3.12 and 4.3.16
 */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

const END_OF_TABLE = 0x06054b50;
const TABLE_ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

const inflate = promisify(inflateRaw);

/** @throws if there is no such file in it, or if it is packed in another way than stored or deflated. */
export async function unzip(archive: string, name: string): Promise<Buffer> {
  const bytes = await readFile(archive);
  let at = bytes.readUInt32LE(endOfTable(bytes, archive) + 16);
  while (bytes.readUInt32LE(at) === TABLE_ENTRY) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    const nameEnd = at + 46 + Number(nameLength);
    if (bytes.toString('utf8', at + 46, nameEnd) === name) return contents(bytes, at, `${archive}: ${name}`);
    at = nameEnd + Number(extraLength) + Number(commentLength);
  }
  throw new Error(`${archive} has no ${name}`);
}

/** It is the last thing in the archive but for a comment of at most 64 KiB. */
function endOfTable(bytes: Buffer, archive: string): number {
  for (let at = bytes.length - 22; at >= Math.max(0, bytes.length - 22 - 0xffff); at--) {
    if (bytes.readUInt32LE(at) === END_OF_TABLE) return at;
  }
  throw new Error(`${archive} is no zip archive`);
}

async function contents(bytes: Buffer, entry: number, what: string): Promise<Buffer> {
  const method = bytes.readUInt16LE(entry + 10);
  const header = bytes.readUInt32LE(entry + 42);
  // The header before the data has lengths of its own: its extra field is another than the table's.
  const start = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
  const packed = bytes.subarray(start, start + bytes.readUInt32LE(entry + 20));
  if (method !== STORED && method !== DEFLATED) throw new Error(`${what} is packed by method ${method}`);
  return method === STORED ? packed : inflate(packed);
}
