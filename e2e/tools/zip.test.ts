import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { unzip } from './zip.ts';

/** Written by Info-ZIP: `stored.txt` stored, `folder/deflated.txt` deflated, both with extra fields. */
const ARCHIVE =
  'UEsDBAoAAAAAAPwed11OgYhHBAAAAAQAAAAKABwAc3RvcmVkLnR4dFVUCQADTLkDa0y5A2t1eAsAAQQAAAAABAAAAABhYmMKUEsDBBQAAAAIAP' +
  'wed11JEk9rEAAAANwAAAATABwAZm9sZGVyL2RlZmxhdGVkLnR4dFVUCQADTLkDa0y5A2t1eAsAAQQAAAAABAAAAABLSU3LSSxJVchNVUgZbkwA' +
  'UEsBAh4DCgAAAAAA/B53XU6BiEcEAAAABAAAAAoAGAAAAAAAAQAAAKSBAAAAAHN0b3JlZC50eHRVVAUAA0y5A2t1eAsAAQQAAAAABAAAAABQSw' +
  'ECHgMUAAAACAD8HnddSRJPaxAAAADcAAAAEwAYAAAAAAABAAAApIFIAAAAZm9sZGVyL2RlZmxhdGVkLnR4dFVUBQADTLkDa3V4CwABBAAAAAAE' +
  'AAAAAFBLBQYAAAAAAgACAKkAAAClAAAAAAA=';

test('a stored and a deflated file come out as they went in, and what is not in it is told', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'zip-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const archive = join(directory, 'a.zip');
  writeFileSync(archive, Buffer.from(ARCHIVE, 'base64'));
  assert.equal(String(await unzip(archive, 'stored.txt')), 'abc\n');
  assert.equal(String(await unzip(archive, 'folder/deflated.txt')), 'deflate me '.repeat(20));
  await assert.rejects(unzip(archive, 'missing.txt'), /a\.zip has no missing\.txt/);
  writeFileSync(archive, 'nothing of the kind, and long enough');
  await assert.rejects(unzip(archive, 'stored.txt'), /no zip archive/);
});
