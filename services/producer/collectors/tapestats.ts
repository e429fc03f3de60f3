/**
 * /sys/class/scsi_tape/st0/stats: what tape drives have done; times in nanoseconds. The other names there (`nst0`, `st0a`) are
 * the same drive in other modes.
 * https://www.kernel.org/doc/html/latest/scsi/st.html#sysfs-and-statistics-for-tape-devices
 */

import type { Collector } from '../collector.ts';
import { divided, numberIn } from '../host/attributes.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';

const CLASS = 'sys/class/scsi_tape';
const NANOSECONDS = 1e9;

const FILES = [
  ['in_flight', 'node_tape_io_now', 1],
  ['io_ns', 'node_tape_io_time_seconds_total', NANOSECONDS],
  ['other_cnt', 'node_tape_io_others_total', 1],
  ['read_byte_cnt', 'node_tape_read_bytes_total', 1],
  ['read_cnt', 'node_tape_reads_completed_total', 1],
  ['read_ns', 'node_tape_read_time_seconds_total', NANOSECONDS],
  ['resid_cnt', 'node_tape_residual_total', 1],
  ['write_byte_cnt', 'node_tape_written_bytes_total', 1],
  ['write_cnt', 'node_tape_writes_completed_total', 1],
  ['write_ns', 'node_tape_write_time_seconds_total', NANOSECONDS],
] as const;

export function tapestats(now: () => number): Collector {
  const drives = remembered(now, A_MINUTE_MS, (host) => host.list(CLASS).filter((name) => /^st\d+$/.test(name)));
  return {
    name: 'tapestats',
    collect(host, emit) {
      for (const device of drives(host)) {
        for (const [file, name, units] of FILES) {
          emit(name, divided(numberIn(host, `${CLASS}/${device}/stats/${file}`), units), { device });
        }
      }
    },
  };
}
