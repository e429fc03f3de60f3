/** How a node is called. */
import type { NodeEvent } from '#contract/event.ts';

export type NodeName = Pick<NodeEvent, 'cluster' | 'node'>;
