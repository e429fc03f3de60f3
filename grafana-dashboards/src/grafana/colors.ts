/** Colours that mean the same on every dashboard; severities differ in lightness, too, for those who see no red or green. */
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';

export const GOOD = 'green';

export const SEVERITY_COLORS = { critical: 'dark-red', warning: 'orange', info: 'light-blue' } as const;
export type Severity = keyof typeof SEVERITY_COLORS;
export const SEVERITIES = Object.keys(SEVERITY_COLORS) as readonly Severity[];

/** Good below the first, then worse. */
export function worseFrom(warning: number, critical: number): ThresholdsConfigBuilder {
  return steps([null, GOOD], [warning, SEVERITY_COLORS.warning], [critical, SEVERITY_COLORS.critical]);
}

/** Anything but none is a fault. */
export function badFrom(value: number, color: string = SEVERITY_COLORS.critical): ThresholdsConfigBuilder {
  return steps([null, GOOD], [value, color]);
}

/** Below it is a fault. */
export function badBelow(value: number): ThresholdsConfigBuilder {
  return steps([null, SEVERITY_COLORS.critical], [value, GOOD]);
}

function steps(...each: readonly (readonly [number | null, string])[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(each.map(([value, color]) => ({ value, color })));
}
