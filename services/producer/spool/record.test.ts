import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeRecord, encodeRecord, type Stored, scan } from './record.ts';

const records = fc.array(fc.tuple(fc.jsonValue(), fc.string({ unit: 'grapheme' })), { minLength: 1, maxLength: 5 });
const plain = (text: string): Stored => ({ form: 0, bytes: Buffer.from(text), size: Buffer.byteLength(text) });
const inBytes = (contents: readonly [unknown, string][]) =>
  contents.map(([meta, value], position) => encodeRecord(position, meta, plain(value)));

test('what is scanned is what was encoded', () => {
  fc.assert(
    fc.property(records, (contents) => {
      const found = [...scan(Buffer.concat(inBytes(contents)))].map((part) => {
        assert.ok('meta' in part);
        return [part.position, JSON.stringify(part.meta), String(part.bytes)];
      });
      assert.deepEqual(
        found,
        contents.map(([meta, value], position) => [position, JSON.stringify(meta), value]),
      );
    }),
  );
});

test('records are found around whatever stands between them', () => {
  fc.assert(
    fc.property(records, fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(), (contents, garbage, at) => {
      const parts = inBytes(contents);
      parts.splice(at % (parts.length + 1), 0, Buffer.from(garbage));
      const found = [...scan(Buffer.concat(parts))];
      const positions = found.flatMap((part) => ('meta' in part ? [part.position] : []));
      assert.deepEqual(positions, [...contents.keys()]);
      const damaged = found.flatMap((part) => ('damaged' in part ? [part.damaged] : []));
      assert.deepEqual(damaged, [garbage.length]);
    }),
  );
});

test('a record within the value of another is not one of its own', () => {
  // Text of the kernel becomes UTF-8 before it is stored, which has no byte FF.
  const inner = encodeRecord(7, {}, plain('x')).toString();
  const outer = encodeRecord(1, { node: inner }, plain(inner));
  outer.writeUInt8(0, 4);
  const found = [...scan(Buffer.concat([outer, encodeRecord(2, {}, plain('y'))]))];
  assert.deepEqual(
    found.map((part) => ('meta' in part ? part.position : part)),
    [{ damaged: outer.length, records: 1 }, 2],
  );
});

test('a record that is cut, or looked for a byte too late, is none', () => {
  const record = encodeRecord(1, {}, plain('value'));
  assert.equal(decodeRecord(record.subarray(0, -1), 0), undefined);
  assert.equal(decodeRecord(record, 1), undefined);
});
