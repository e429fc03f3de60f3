/** All nodes at one moment in a few numbers, as many for a thousand nodes as for one. Pure. */
import type { FleetPoint, NodeColumn, NodeRow } from './shapes.ts';

export function fleetPoint(
  rows: readonly NodeRow[],
  lives: Iterable<{ readonly severity: string; readonly state: string }>,
  timeMs: number,
): FleetPoint {
  const [cpu, memory, disk] = [spread(rows, 'cpuPercent'), spread(rows, 'memoryPercent'), spread(rows, 'diskPercent')];
  const alerts = { critical: 0, warning: 0, info: 0, pending: 0 };
  for (const { severity, state } of lives) {
    if (severity === 'none') continue;
    if (state === 'pending') alerts.pending++;
    else alerts[severity === 'critical' || severity === 'warning' ? severity : 'info']++;
  }
  return {
    timeMs,
    cpuPercentMedian: cpu.median,
    cpuPercentHigh: cpu.high,
    cpuPercentMax: cpu.max,
    memoryPercentMedian: memory.median,
    memoryPercentHigh: memory.high,
    memoryPercentMax: memory.max,
    diskPercentMedian: disk.median,
    diskPercentHigh: disk.high,
    diskPercentMax: disk.max,
    networkReceiveBytesPerSecond: sum(rows, 'networkReceiveBytesPerSecond'),
    networkTransmitBytesPerSecond: sum(rows, 'networkTransmitBytesPerSecond'),
    nodes: rows.length,
    nodesUp: rows.filter(({ up }) => up).length,
    alertsCritical: alerts.critical,
    alertsWarning: alerts.warning,
    alertsInfo: alerts.info,
    alertsPending: alerts.pending,
  };
}

/** Of the nodes of which it is known. */
function known(rows: readonly NodeRow[], column: NodeColumn): number[] {
  return rows.map((row) => row[column]).filter((value) => value !== undefined);
}

function spread(rows: readonly NodeRow[], column: NodeColumn) {
  const sorted = Float64Array.from(known(rows, column)).sort();
  return { median: sorted[sorted.length >> 1], high: sorted[Math.floor(sorted.length * 0.9)], max: sorted.at(-1) };
}

function sum(rows: readonly NodeRow[], column: NodeColumn): number | undefined {
  const values = known(rows, column);
  return values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0);
}
