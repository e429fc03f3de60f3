/** The members of a group and what it has committed. Partitions go round the members in the order in which they joined. */
import type { Handlers, Subscription } from '../bus.ts';
import { Member } from './member.ts';
import type { PartitionLog } from './partition-log.ts';

export class Group {
  readonly #topic: string;
  readonly #logs: readonly PartitionLog[];
  readonly #now: () => number;
  readonly #committed = new Map<number, number>();
  readonly #members = new Set<Member>();
  #rebalanced: Promise<void> = Promise.resolve();

  constructor(topic: string, logs: readonly PartitionLog[], now: () => number) {
    this.#topic = topic;
    this.#logs = logs;
    this.#now = now;
  }

  join(handlers: Handlers): Subscription {
    const leave = () => this.#leave(member);
    const member = new Member(this.#topic, this.#logs, this.#committed, handlers, leave, this.#now);
    this.#members.add(member);
    this.#rebalance();
    return member;
  }

  wake(): void {
    for (const member of this.#members) member.wake();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#members].map((member) => member.close()));
  }

  #leave(member: Member): void {
    if (this.#members.delete(member)) this.#rebalance();
  }

  /** First all give up what moves, then it is given to others: nothing is owned twice. */
  #rebalance(): void {
    this.#rebalanced = this.#rebalanced.then(async () => {
      const members = [...this.#members];
      const share = (index: number) =>
        [...this.#logs.keys()].filter((partition) => partition % members.length === index);
      await Promise.all(members.map((member, index) => member.keepOnly(share(index))));
      for (const [index, member] of members.entries()) member.take(share(index));
    });
  }
}
