/**
 * /sys/devices/system/edac/mc: errors of memory that its controllers have corrected, and those they could not. In all, by row,
 * and by channel within a row; the row is `unknown` of those that no row could be told for.
 *
 *   mc0/{ce_count,ue_count,ce_noinfo_count,ue_noinfo_count}
 *   mc0/csrow0/{ce_count,ue_count,ch0_ce_count,ch0_ue_count,ch0_dimm_label}
 *
 * https://www.kernel.org/doc/html/latest/driver-api/edac.html
 */

import type { Collector } from '../collector.ts';
import { numberIn, textIn } from '../host/attributes.ts';
import type { Host } from '../host/proc.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';

const CONTROLLERS = 'sys/devices/system/edac/mc';

interface Channel {
  readonly channel: string;
  readonly dimm_label: string;
}

interface Controller {
  readonly controller: string;
  readonly rows: readonly { readonly csrow: string; readonly channels: readonly Channel[] }[];
}

export function edac(now: () => number): Collector {
  const controllers = remembered(now, A_MINUTE_MS, findControllers);
  return {
    name: 'edac',
    collect(host, emit) {
      for (const { controller, rows } of controllers(host)) {
        const mc = `${CONTROLLERS}/mc${controller}`;
        const unknown = { controller, csrow: 'unknown' };
        emit('node_edac_correctable_errors_total', numberIn(host, `${mc}/ce_count`), { controller });
        emit('node_edac_csrow_correctable_errors_total', numberIn(host, `${mc}/ce_noinfo_count`), unknown);
        emit('node_edac_uncorrectable_errors_total', numberIn(host, `${mc}/ue_count`), { controller });
        emit('node_edac_csrow_uncorrectable_errors_total', numberIn(host, `${mc}/ue_noinfo_count`), unknown);
        for (const { csrow, channels } of rows) {
          const row = `${mc}/csrow${csrow}`;
          const labels = { controller, csrow };
          emit('node_edac_csrow_correctable_errors_total', numberIn(host, `${row}/ce_count`), labels);
          emit('node_edac_csrow_uncorrectable_errors_total', numberIn(host, `${row}/ue_count`), labels);
          for (const of of channels) {
            const path = `${row}/ch${of.channel}`;
            emit('node_edac_channel_correctable_errors_total', numberIn(host, `${path}_ce_count`), {
              ...labels,
              ...of,
            });
            emit('node_edac_channel_uncorrectable_errors_total', numberIn(host, `${path}_ue_count`), {
              ...labels,
              ...of,
            });
          }
        }
      }
    },
  };
}

function findControllers(host: Host): Controller[] {
  return numbered(host.list(CONTROLLERS), /^mc(\d+)$/).map((controller) => {
    const mc = `${CONTROLLERS}/mc${controller}`;
    const rows = numbered(host.list(mc), /^csrow(\d+)$/).map((csrow) => {
      const row = `${mc}/csrow${csrow}`;
      const channels = numbered(host.list(row), /^ch(\d+)_ce_count$/).map((channel) => ({
        channel,
        dimm_label: shown(textIn(host, `${row}/ch${channel}_dimm_label`)),
      }));
      return { csrow, channels };
    });
    return { controller, rows };
  });
}

/** The numbers in those names that have one. */
function numbered(names: readonly string[], pattern: RegExp): string[] {
  return names.flatMap((name) => pattern.exec(name)?.[1] ?? []);
}

/** `mc#0csrow#1channel#0` as node_exporter shows it: `mc0_csrow1_channel0`. */
function shown(label: string | undefined): string {
  return label?.replaceAll('#', '').replaceAll('csrow', '_csrow').replaceAll('channel', '_channel') ?? 'unknown';
}
