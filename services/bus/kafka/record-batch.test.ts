import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { bomb, crowd, encodeBatch, encodeRecord, GZIP, type RawBatch, sealed, varint } from './raw-batches.ts';
import { type AbortedTransaction, decodeBatches, newBudget } from './record-batch.ts';

const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const MARKER = 0x20;

function decode(bytes: Buffer, aborted: readonly AbortedTransaction[] = []) {
  return decodeBatches(3, bytes, aborted, newBudget());
}

/** The one refused record of a batch that spans the offsets 100 to 100 + delta. */
function refusalOf(batch: Buffer): string | undefined {
  const { records, nextOffset } = decode(batch);
  assert.equal(records.length, 1);
  const [record] = records;
  assert.equal(record?.offset, 100);
  assert.deepEqual([record?.key, record?.value, record?.headers], [null, null, {}]);
  assert.equal(nextOffset, Number(record?.lastOffset) + 1);
  return record?.refused;
}

function batchOf(values: readonly string[], batch: Partial<RawBatch> = {}): Buffer {
  const records = values.map((value, offsetDelta) => encodeRecord({ offsetDelta, value: Buffer.from(value) }));
  return encodeBatch({ baseOffset: 100, count: values.length, content: Buffer.concat(records), ...batch });
}

test('records come with their partition, offsets, times, keys, values and headers', () => {
  const content = Buffer.concat([
    encodeRecord({
      timestampDelta: 7,
      key: Buffer.from('k'),
      value: Buffer.alloc(300, 'v'),
      headers: [
        ['twice', Buffer.from('1')],
        ['constructor', Buffer.from('c')],
        ['__proto__', Buffer.from('p')],
        ['none', null],
        ['twice', Buffer.from('2')],
      ],
    }),
    encodeRecord({ offsetDelta: 5, timestampDelta: -3, value: null }),
  ]);
  const batch = encodeBatch({ baseOffset: 2 ** 40, count: 2, lastOffsetDelta: 9, timestamps: [1e12, 2e12], content });
  const { records, nextOffset } = decode(batch);
  assert.deepEqual(
    records.map(({ partition, offset, timestamp }) => [partition, offset, timestamp]),
    [
      [3, 2 ** 40, 1e12 + 7],
      [3, 2 ** 40 + 5, 1e12 - 3],
    ],
  );
  assert.equal(String(records[0]?.key), 'k');
  assert.equal(records[0]?.value?.length, 300);
  assert.deepEqual(Object.entries(records[0]?.headers ?? {}).map(([name, value]) => `${name}=${value}`).sort(), [
    '__proto__=p',
    'constructor=c',
    'twice=2',
  ]); // biome-ignore format: one list
  assert.deepEqual([records[1]?.key, records[1]?.value, records[1]?.headers], [null, null, {}]);
  assert.equal(nextOffset, 2 ** 40 + 10);
});

test("the broker's time counts where the topic says so", () => {
  const [record] = decode(batchOf(['v'], { attributes: LOG_APPEND_TIME, timestamps: [1, 99] })).records;
  assert.equal(record?.timestamp, 99);
});

test('gzip and zstd are decompressed', () => {
  const content = encodeRecord({ value: Buffer.from('text') });
  for (const [attributes, compressed] of [
    [GZIP, gzipSync(content)],
    [4, zstdCompressSync(content)],
  ] as const) {
    const { records } = decode(encodeBatch({ attributes, count: 1, content: compressed }));
    assert.deepEqual(records.map(({ value }) => String(value)), ['text']); // biome-ignore format: one line says it
  }
});

test('a batch that is cut off is left for the next fetch', () => {
  const [whole, cut] = [batchOf(['1', '2']), batchOf(['3'], { baseOffset: 102 })];
  for (const length of [0, 1, 16, 17, 60, cut.length - 1]) {
    const { records, nextOffset } = decode(Buffer.concat([whole, cut.subarray(0, length)]));
    assert.deepEqual(records.map(({ value }) => String(value)), ['1', '2']); // biome-ignore format: one line says it
    assert.equal(nextOffset, 102);
  }
  assert.deepEqual(decode(cut.subarray(0, 40)), { records: [], nextOffset: undefined });
});

test('a batch that compaction has emptied moves the offset on', () => {
  const empty = encodeBatch({ baseOffset: 100, count: 0, lastOffsetDelta: 4, content: Buffer.alloc(0) });
  assert.deepEqual(decode(empty), { records: [], nextOffset: 105 });
});

const two = batchOf(['1', '2']);
const changed = (at: number, byte: number) => {
  const copy = Buffer.from(two);
  copy[at] = byte;
  return copy;
};
const content = (record: Buffer, count = 1) => encodeBatch({ baseOffset: 100, count, content: record });
const record = encodeRecord({ value: Buffer.from('value') });
const lying = (at: number, byte: number) => {
  const copy = Buffer.from(record);
  copy[at] = byte;
  return content(copy);
};

const REFUSED: [name: string, batch: Buffer, reason: RegExp, lastOffset: number][] = [
  ['a bit flipped in a value', changed(70, 0x33), /checksum/, 101],
  ['a wrong checksum', changed(17, 0), /checksum/, 101],
  ['an old message format', sealed(changed(16, 1)), /message format 1/, 100],
  ['snappy', batchOf(['1'], { attributes: 2 }), /compressed with snappy/, 100],
  ['lz4', batchOf(['1', '2'], { attributes: 3 }), /compressed with lz4/, 101],
  ['a compression that does not exist', batchOf(['1'], { attributes: 7 }), /compressed with codec 7/, 100],
  ['what is not gzip', batchOf(['1'], { attributes: GZIP }), /not gzip/, 100],
  ['a gzip that is cut off', encodeBatch({ baseOffset: 100, attributes: GZIP, count: 1, content: gzipSync(record).subarray(0, -9) }), /not gzip/, 100], // biome-ignore format: a table
  ['a negative count', encodeBatch({ baseOffset: 100, count: -1, lastOffsetDelta: 3, content: record }), /batch of -1 records/, 103], // biome-ignore format: a table
  ['fewer records than it says', content(record, 3), /number that ends behind its batch/, 102],
  ['a record longer than the batch', lying(0, 0x7e), /record that ends behind/, 100],
  ['a record longer than it says', lying(0, 0x08), /not as long as it says/, 100],
  ['a negative length of a record', lying(0, 0x03), /record that ends behind/, 100],
  ['a value longer than the batch', lying(5, 0x70), /field that ends behind/, 100],
  ['a negative length of a value', lying(5, 0x03), /field that ends behind/, 100],
  ['an offset outside of its batch', content(encodeRecord({ offsetDelta: 1 })), /offset outside/, 100],
  ['a number without an end', content(Buffer.alloc(20, 0xff)), /more than ten bytes/, 100],
  ['a header without a name', content(Buffer.from([0x10, 0, 0, 0, 1, 1, 2, 1, 1])), /header without a name/, 100],
];

for (const [name, batch, reason, lastOffset] of REFUSED) {
  test(`refused as one record for the whole batch: ${name}`, () => {
    assert.match(refusalOf(batch) ?? '', reason);
    assert.equal(decode(batch).records[0]?.lastOffset, lastOffset);
  });
}

test('a megabyte that decompresses to a gigabyte is refused before it has', () => {
  const batch = bomb(1_000_000_000);
  assert.ok(batch.length < 1_048_588); // what a broker takes
  const started = performance.now();
  const [refused] = decode(batch).records;
  assert.match(refused?.refused ?? '', /decompresses \(gzip\) to more than 33554432 bytes/);
  assert.ok(performance.now() - started < 2_000);
});

test('a batch of 400,000 records is refused, and so are as many headers', () => {
  assert.match(decode(crowd(400_000)).records[0]?.refused ?? '', /batch of 400000 records/);
  const headers = Array<[string, Buffer]>(60_000).fill(['', Buffer.alloc(0)]);
  assert.match(refusalOf(content(encodeRecord({ headers }))) ?? '', /more than 50000 records and headers/);
  assert.equal(decode(crowd(50_000)).records.length, 50_000);
});

test('no more is begun when the answer has cost its budget, and the rest is left for the next fetch', () => {
  const large = batchOf(['x'.repeat(5_000_000), 'y'.repeat(5_000_000)]);
  const { records, nextOffset } = decode(Buffer.concat([large, batchOf(['z'], { baseOffset: 102 })]));
  assert.equal(records.length, 2);
  assert.equal(nextOffset, 102);
  const afterRefusal = decode(Buffer.concat([changed(17, 0), batchOf(['z'], { baseOffset: 102 })]));
  assert.equal(afterRefusal.nextOffset, 102);
});

test('what was aborted and the markers of transactions are not seen, and what is beside them is', () => {
  const abort = Buffer.from([0, 0, 0, 0]);
  const marker = (baseOffset: number, producerId: number, key: Buffer) =>
    encodeBatch({
      baseOffset,
      attributes: TRANSACTIONAL | MARKER,
      producerId,
      count: 1,
      content: encodeRecord({ key }),
    });
  const part = (baseOffset: number, producerId: number, value: string, attributes = TRANSACTIONAL) =>
    batchOf([value], { baseOffset, attributes, producerId });
  const bytes = Buffer.concat([
    part(0, 1, 'aborted'),
    part(1, 2, 'committed'),
    part(2, 1, 'beside', 0),
    marker(3, 1, abort),
    part(4, 1, 'later'),
    marker(5, 2, Buffer.from([0, 0, 0, 1])),
    marker(6, 1, Buffer.from([0, 0, 0, 1])),
  ]);
  const { records, nextOffset } = decode(bytes, [{ producerId: 1n, firstOffset: 0n }]);
  assert.deepEqual(records.map(({ value }) => String(value)), ['committed', 'beside', 'later']); // biome-ignore format: one line says it
  assert.equal(nextOffset, 7);
});

test('whatever bytes a batch has, with a right checksum or a wrong one, reading it neither throws nor stands still', () => {
  const batch = fc.record({
    attributes: fc.integer({ min: 0, max: 0x3f }),
    count: fc.integer({ min: -2, max: 5 }),
    lastOffsetDelta: fc.integer({ min: -2, max: 5 }),
    content: fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => gzipSync(bytes)),
      fc
        .tuple(fc.array(fc.integer({ min: -5, max: 400 }), { maxLength: 12 }), fc.uint8Array({ maxLength: 20 }))
        .map(([numbers, bytes]) => Buffer.concat([...numbers.map(varint), bytes])),
    ),
  });
  fc.assert(
    fc.property(batch, fc.boolean(), (hostile, damaged) => {
      const bytes = encodeBatch({ ...hostile, baseOffset: 100 });
      if (damaged) bytes[17] = (bytes[17] ?? 0) ^ 1;
      const { records, nextOffset } = decode(bytes);
      assert.equal(nextOffset, 101 + Math.max(hostile.lastOffsetDelta, 0));
      for (const { offset, lastOffset = offset } of records) assert.ok(offset >= 100 && lastOffset < nextOffset);
    }),
    { numRuns: 2_000 },
  );
});
