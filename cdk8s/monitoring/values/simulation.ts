/** A fleet that does not exist, for trials: of dashboards, of rules, of how much the consumers bear. */
import { z } from 'zod';
import * as schemas from '../../helm/schemas.ts';
import { logLevel, pods } from './workload.ts';

export const simulation = z
  .strictObject({
    enabled: z.boolean().default(false).describe('Whether there is a pod that plays producer for simulated nodes.'),
    clusterName: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,253}$/)
      .default('simulated')
      .describe('The cluster that they are part of. Keep it apart from `clusterName`.'),
    nodes: z.int().min(1).max(10_000).default(100).describe('How many nodes.'),
    seed: z.int().min(0).default(1).describe('Another number is another fleet of the same size.'),
    speed: z.int().min(1).max(3600).default(1).describe('How many seconds pass for them in one second.'),
    scenarios: z.string().default('').describe('What goes wrong on them, and when: docs/SIMULATION.md.'),
    interval: z
      .string()
      .regex(/^[0-9]+(s|m)$/)
      .default('5s')
      .describe('How often each is measured.'),
    logLevel,
    resources: schemas.resources
      .default({
        requests: { cpu: '100m', memory: '256Mi', 'ephemeral-storage': '16Mi' },
        limits: { cpu: '2', memory: '1Gi', 'ephemeral-storage': '64Mi' },
      })
      .describe('What it may use. Grows with the nodes.'),
    tolerations: schemas.tolerations.default([]).describe('Taints of nodes that it bears.'),
    affinity: schemas.anything.default({}).describe('Rules for where it runs.'),
    ...pods,
  })
  .describe(
    "A simulated fleet, besides the nodes that there are: the producer's image and service account, all else its own.",
  );
