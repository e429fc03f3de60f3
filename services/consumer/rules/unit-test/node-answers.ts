/** The expressions of a test asked of one node, event after event, as rules of their own would be. */
import type { NodeEvent } from '#contract/event.ts';
import { NodePast } from '../engine/node-past.ts';
import type { VectorOperation } from '../engine/operation.ts';
import { Program } from '../engine/program.ts';
import { HistoryRoom } from '../history-room.ts';
import type { Sample } from '../labels.ts';
import { type Expr, isScalar } from '../promql/ast.ts';

/** A test has what it has. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

export class NodeAnswers {
  readonly #exprs: readonly Expr[];
  readonly #program: Program;
  #past: NodePast | undefined;

  constructor(exprs: readonly Expr[], job: string) {
    this.#exprs = exprs;
    // What a rule cannot be, a number, is asked as a series without labels.
    const queries = exprs.map((expr) => (isScalar(expr) ? ({ kind: 'vector', of: expr } as const) : expr));
    this.#program = new Program(queries, job);
  }

  add(event: NodeEvent): void {
    const limits = { seriesPerNode: NO_LIMIT, samplesPerSeries: NO_LIMIT };
    this.#past ??= new NodePast(this.#program, event, limits, new HistoryRoom(NO_LIMIT));
    this.#past.add(event, event.time);
  }

  /** What an expression gives at the event of that time, nothing if there is none; `undefined` if it has no answer. */
  of(expr: Expr, time: number): readonly Sample[] | undefined {
    if (this.#past?.heardMs !== time) return [];
    return this.#past.evaluate(this.#program.rules[this.#exprs.indexOf(expr)] as VectorOperation);
  }
}
