/** Sensors, power, and the health of hardware. */
import type { MetricTable } from './definition.ts';

export const HARDWARE_METRICS = {} as const satisfies MetricTable;
