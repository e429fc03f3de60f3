/**
 * What the members of a group tell one another through its coordinator, which understands none of it: each what it owns,
 * when it joins; one of them, the leader, what each is to own. Who leads assigns by `assignment.ts`, whatever protocol the
 * coordinator has chosen: that is a name that all members know. Members of an older version that know only kafkajs'
 * round robin are assigned to like the others, and simply claim nothing; should one of them lead, it deals as it does.
 */
import { AssignerProtocol } from 'kafkajs';
import { type Claimant, shareOut } from './assignment.ts';

const { MemberAssignment, MemberMetadata } = AssignerProtocol;

const VERSION = 0;
const PROTOCOLS = ['sticky', 'RoundRobinAssigner'];

/** What a member owned, and in which generation of the group. */
export type Claim = Pick<Claimant, 'claims' | 'generation'>;

export function groupProtocols(topic: string, { claims, generation }: Claim): { name: string; metadata: Buffer }[] {
  const userData = Buffer.from(JSON.stringify({ claims, generation }));
  const metadata = MemberMetadata.encode({ version: VERSION, topics: [topic], userData });
  return PROTOCOLS.map((name) => ({ name, metadata }));
}

/** What the leader answers to the group. */
export function assignmentsOf(
  topic: string,
  partitions: readonly number[],
  members: readonly { memberId: string; memberMetadata: Buffer }[],
): { memberId: string; memberAssignment: Buffer }[] {
  const claimants = members.map(({ memberId, memberMetadata }) => ({ id: memberId, ...claimOf(memberMetadata) }));
  return [...shareOut(partitions, claimants)].map(([memberId, assigned]) => ({
    memberId,
    memberAssignment: MemberAssignment.encode({
      version: VERSION,
      assignment: { [topic]: assigned },
      userData: Buffer.alloc(0),
    }),
  }));
}

/** The partitions that a member is given. */
export function assignedTo(topic: string, memberAssignment: Buffer): number[] {
  return MemberAssignment.decode(memberAssignment)?.assignment[topic] ?? [];
}

/** Anybody may join a group and say anything: what is no claim claims nothing. */
function claimOf(memberMetadata: Buffer): Claim {
  const nothing = { claims: [], generation: -1 };
  const userData = MemberMetadata.decode(memberMetadata)?.userData;
  if (!userData || userData.length === 0) return nothing;
  let said: unknown;
  try {
    said = JSON.parse(String(userData));
  } catch (error) {
    if (error instanceof SyntaxError) return nothing;
    throw error;
  }
  if (typeof said !== 'object' || said === null || !('claims' in said) || !('generation' in said)) return nothing;
  const { claims, generation } = said;
  if (!Array.isArray(claims) || !Number.isSafeInteger(generation)) return nothing;
  return { claims: claims.filter(Number.isSafeInteger), generation: Number(generation) };
}
