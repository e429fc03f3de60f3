/** Values that people expect in every chart, by the names they have everywhere. Each is described where it is used. */
import { z } from 'zod';

/** As Kubernetes writes amounts: `500m`, `1Gi`. */
export const amount = z.string().regex(/^[0-9.]+(m|k|[KMGTPE]i?|e[0-9]+)?$/);
export const quantity = z.union([amount, z.number()]);

export const textMap = z.record(z.string(), z.string());
/** What is handed to Kubernetes as it is. */
export const anything = z.record(z.string(), z.unknown());
export const anythings = z.array(anything);

/** How long Prometheus and Kubernetes write durations: `30s`, `1h30m`. */
export const duration = z.string().regex(/^([0-9]+(ms|[smhdwy]))+$/);

/** A fixed one would be longer than a short interval, and the Prometheus operator would drop the monitor. */
export const scrapeTimeout = z
  .string()
  .regex(/^([0-9]+(ms|[smhdwy]))*$/)
  .default('')
  .describe('How long Prometheus waits for an answer. Empty: as long as it is told for all, at most the interval.');

export const resources = z.strictObject({
  requests: z.record(z.string(), quantity).optional(),
  limits: z.record(z.string(), quantity).optional(),
});

export const tolerations = z.array(
  z.strictObject({
    key: z.string().optional(),
    operator: z.enum(['Exists', 'Equal']).optional(),
    value: z.string().optional(),
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
    tolerationSeconds: z.int().optional(),
  }),
);

export const env = z.array(z.looseObject({ name: z.string() }));

/** `1` or `25%`. */
export const countOrPercentage = z.union([z.int().min(0), z.string().regex(/^[0-9]+%$/)]);

export const pullSecrets = z.array(z.strictObject({ name: z.string() }));

const globalPullSecrets = pullSecrets.default([]).describe('Secrets to pull images with, besides those of the pods.');

/** What a parent chart and its siblings share. Others may put anything there. */
export const globals = z
  .looseObject({
    imageRegistry: z.string().default('').describe('Takes the place of the registry of every image.'),
    imagePullSecrets: globalPullSecrets,
  })
  .describe('Shared with the chart that this one is a part of, if there is one.');

/** The same for a chart that names no image. */
export const globalsWithoutImages = z
  .looseObject({ imagePullSecrets: globalPullSecrets })
  .describe(globals.description ?? '');

/** @param preset the image as it is published; an empty tag is the chart's appVersion. */
export function image(preset: { registry: string; repository: string; tag?: string }) {
  return z.strictObject({
    registry: z.string().default(preset.registry).describe('Where the image is pulled from.'),
    repository: z.string().default(preset.repository).describe('The name of the image there.'),
    tag: z
      .string()
      .default(preset.tag ?? '')
      .describe(preset.tag === undefined ? "Its version. Empty: the chart's appVersion." : 'Its version.'),
    digest: z
      .string()
      .regex(/^(sha256:[0-9a-f]{64})?$/)
      .default('')
      .describe('`sha256:…`: takes precedence over the tag.'),
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).default('IfNotPresent').describe('When it is pulled.'),
  });
}

export function probe(preset: {
  initialDelaySeconds?: number;
  periodSeconds: number;
  timeoutSeconds: number;
  failureThreshold: number;
}) {
  return z.strictObject({
    initialDelaySeconds: z
      .int()
      .min(0)
      .default(preset.initialDelaySeconds ?? 0)
      .describe('Before the first question.'),
    periodSeconds: z.int().min(1).default(preset.periodSeconds).describe('Between two questions.'),
    timeoutSeconds: z.int().min(1).default(preset.timeoutSeconds).describe('After which no answer is a failure.'),
    failureThreshold: z.int().min(1).default(preset.failureThreshold).describe('Failures in a row that count.'),
  });
}
