import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { certificateExpiry } from './certificate-expiry.ts';

test('the end of a certificate is read from its file; what is no certificate has none', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'certificate-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'user.crt');
  assert.equal(certificateExpiry(file), undefined);
  writeFileSync(file, 'no certificate');
  assert.equal(certificateExpiry(file), undefined);

  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3'],
    ...['-subj', '/CN=producer', '-keyout', join(directory, 'user.key'), '-out', file],
  ]);
  if (made.status !== 0) return t.skip('openssl is missing: it makes the certificate');
  const days = (Number(certificateExpiry(file)) - Date.now() / 1000) / 86_400;
  assert.ok(days > 2.9 && days < 3.1, `${days} days`);
});
