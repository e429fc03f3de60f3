import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssignerProtocol, PartitionAssigners } from 'kafkajs';
import { assignedTo, assignmentsOf, groupProtocols } from './group-protocol.ts';

const { MemberMetadata } = AssignerProtocol;
const none = { claims: [], generation: -1 };

function assign(partitions: readonly number[], members: Record<string, Buffer>): Record<string, number[]> {
  const joined = Object.entries(members).map(([memberId, memberMetadata]) => ({ memberId, memberMetadata }));
  const assignments = assignmentsOf('events', partitions, joined);
  return Object.fromEntries(
    assignments.map(({ memberId, memberAssignment }) => [memberId, assignedTo('events', memberAssignment)]),
  );
}

function metadataOf(claim: { claims: readonly number[]; generation: number }): Buffer {
  return groupProtocols('events', claim)[0]?.metadata ?? Buffer.alloc(0);
}

test('a member keeps what it says it owned', () => {
  const members = { a: metadataOf({ claims: [2, 3], generation: 4 }), b: metadataOf(none) };
  assert.deepEqual(assign([0, 1, 2, 3], members), { a: [2, 3], b: [0, 1] });
});

test('members that know only round robin belong to the group, and understand what they are given', () => {
  const cluster = { findTopicPartitionMetadata: () => [0, 1, 2, 3].map((partitionId) => ({ partitionId })) };
  const old = PartitionAssigners.roundRobin({ cluster, groupId: 'g', logger: undefined } as never);
  const spoken = old.protocol({ topics: ['events'] });
  assert.ok(groupProtocols('events', none).some(({ name }) => name === spoken.name));
  const members = { a: metadataOf({ claims: [0, 1, 2, 3], generation: 1 }), old: spoken.metadata };
  assert.deepEqual(assign([0, 1, 2, 3], members), { a: [0, 1], old: [2, 3] });
});

test('what is no claim claims nothing', () => {
  const strange = ['', 'not JSON', '[]', '1', 'null', '{"claims":1,"generation":1}', '{"claims":[0]}', '{"claims":["x",null,{}],"generation":9}']; // biome-ignore format: a table
  for (const text of strange) {
    const metadata = MemberMetadata.encode({ version: 0, topics: ['events'], userData: Buffer.from(text) });
    const members = { a: metadata, b: metadataOf({ claims: [0], generation: 0 }) };
    assert.deepEqual(assign([0, 1], members), { a: [1], b: [0] }, text);
  }
});

test('a member that is given nothing has nothing', () => {
  assert.deepEqual(assignedTo('events', Buffer.alloc(0)), []);
  assert.deepEqual(assign([0], { a: metadataOf(none), b: metadataOf(none) }), { a: [0], b: [] });
});
