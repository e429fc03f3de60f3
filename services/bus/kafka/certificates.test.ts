import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Certificates } from './certificates.ts';

const directory = mkdtempSync(join(tmpdir(), 'certificates-'));
after(() => rmSync(directory, { recursive: true, force: true }));

/** As Kubernetes mounts a secret: `..data` points to the content, and another one is put in its place at once. */
function mount(version: string, content: Record<string, string>): void {
  mkdirSync(join(directory, version));
  for (const [name, text] of Object.entries(content)) writeFileSync(join(directory, version, name), text);
  symlinkSync(version, join(directory, 'next'));
  renameSync(join(directory, 'next'), join(directory, '..data'));
}

test('another version when the content has changed, looked at now and then', () => {
  let now = 0;
  const files = { cert: join(directory, '..data', 'cert'), key: join(directory, '..data', 'key') };
  const certificates = new Certificates(files, () => now);
  mount('1', { cert: 'C', key: 'K' });
  const first = certificates.version;
  mount('2', { cert: 'C', key: 'K' });
  now += 10_000;
  assert.equal(certificates.version, first);

  mount('3', { cert: 'C', key: 'changed' });
  now += 9_999;
  assert.equal(certificates.version, first);
  now += 1;
  const second = certificates.version;
  assert.notEqual(second, first);
  assert.equal(String(certificates.options().key), 'changed');

  mount('4', { cert: 'C' });
  now += 10_000;
  assert.equal(certificates.version, second);
  assert.throws(() => certificates.options().key, { code: 'ENOENT' });
});
