/**
 * /sys/class/fc_host: the ports of Fibre Channel adapters. Each has files that describe it, and a directory `statistics` with a
 * hexadecimal number to a file; all bits set says that the adapter does not count that. A port whose state is unknown
 * answers nothing there.
 * https://www.kernel.org/doc/html/latest/scsi/scsi_fc_transport.html
 */
import type { Collector } from '../collector.ts';
import type { Host } from '../host/proc.ts';
import { A_MINUTE_MS, remembered } from '../host/remembered.ts';
import { hexadecimal } from '../kernel/text.ts';
import { each } from './each.ts';

const CLASS = 'sys/class/fc_host';
const NOT_COUNTED = '0xffffffffffffffff';

const COUNTERS = [
  ['node_fibrechannel_dumped_frames_total', 'dumped_frames'],
  ['node_fibrechannel_error_frames_total', 'error_frames'],
  ['node_fibrechannel_invalid_crc_total', 'invalid_crc_count'],
  ['node_fibrechannel_rx_frames_total', 'rx_frames'],
  ['node_fibrechannel_rx_words_total', 'rx_words'],
  ['node_fibrechannel_tx_frames_total', 'tx_frames'],
  ['node_fibrechannel_tx_words_total', 'tx_words'],
  ['node_fibrechannel_seconds_since_last_reset_total', 'seconds_since_last_reset'],
  ['node_fibrechannel_invalid_tx_words_total', 'invalid_tx_word_count'],
  ['node_fibrechannel_link_failure_total', 'link_failure_count'],
  ['node_fibrechannel_loss_of_sync_total', 'loss_of_sync_count'],
  ['node_fibrechannel_loss_of_signal_total', 'loss_of_signal_count'],
  ['node_fibrechannel_nos_total', 'nos_count'],
  ['node_fibrechannel_fcp_packet_aborts_total', 'fcp_packet_aborts'],
] as const;

export function fibrechannel(now: () => number): Collector {
  const ports = remembered(now, A_MINUTE_MS, (host) => host.list(CLASS));
  return {
    name: 'fibrechannel',
    collect(host, emit) {
      each(ports(host), (port) => {
        emit('node_fibrechannel_info', 1, infoOf(host, port));
        for (const [name, file] of COUNTERS) {
          const text = host.peek(`${CLASS}/${port}/statistics/${file}`);
          if (text !== undefined && text !== NOT_COUNTED) emit(name, hexadecimal(text), { fc_host: port });
        }
      });
    },
  };
}

function infoOf(host: Host, port: string) {
  const text = (file: string) => host.peek(`${CLASS}/${port}/${file}`) ?? '';
  const withoutPrefix = (file: string) => text(file).replace(/^0x/, '');
  return {
    fc_host: port,
    speed: text('speed'),
    port_state: text('port_state'),
    port_type: text('port_type'),
    port_id: withoutPrefix('port_id'),
    port_name: withoutPrefix('port_name'),
    fabric_name: withoutPrefix('fabric_name'),
    symbolic_name: text('symbolic_name'),
    supported_classes: text('supported_classes'),
    supported_speeds: text('supported_speeds'),
    dev_loss_tmo: text('dev_loss_tmo'),
  };
}
