import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { KEYED, PACKED, pack, unpack } from './packing.ts';

const bytes = fc.oneof(fc.uint8Array({ maxLength: 3_000 }), fc.string({ maxLength: 3_000 }).map(Buffer.from));

test('what is unpacked is what was packed, with a key or without', () => {
  fc.assert(
    fc.property(bytes, fc.option(bytes, { nil: undefined }), (value, key) => {
      const stored = pack(value, key);
      assert.ok(stored.bytes.length <= value.length && stored.size === value.length);
      assert.ok(Buffer.from(value).equals(unpack(stored, key)));
    }),
  );
});

test('an event that is nearly the key takes next to nothing, and is not read without it', () => {
  const rows = Array.from({ length: 200 }, (_, i) => `["${i}","mode-${i % 7}",${Math.sqrt(i) * 1e6}]`);
  const key = Buffer.from(rows.join());
  const value = Buffer.from(rows.with(100, '["100","mode-2",7]').join());
  assert.equal(pack(key, undefined).form, PACKED);
  const stored = pack(value, key);
  assert.equal(stored.form, KEYED);
  assert.ok(stored.bytes.length < value.length / 40, `${stored.bytes.length} of ${value.length}`);
  assert.throws(() => unpack(stored, undefined));
  assert.throws(() => unpack({ ...stored, size: value.length - 1 }, key));
});
