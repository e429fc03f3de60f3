/**
 * /proc/1/net/ip_vs_stats and ip_vs: the kernel's load balancer, absent where it is not loaded. The first has two lines of
 * headings and a line of hexadecimal totals, the second the virtual services, each followed by the servers behind it:
 *
 *   TCP  C000020A:01BB rr
 *     -> C6336401:20FB      Masq    1      12         3
 *   TCP  [2001:0db8:0000:0000:0000:0000:0000:0001]:0050 sh
 *   FWM  10001000 wlc
 *
 * That is protocol, address and port in hexadecimal, or a firewall mark; then forwarding method, weight, active and inactive
 * connections in decimal.
 * https://www.kernel.org/doc/html/latest/networking/ipvs-sysctl.html
 */
import type { Collector } from '../collector.ts';
import { readNet } from '../host/protocol-files.ts';
import { decimal, hexadecimal, lines, malformed, words } from '../kernel/text.ts';
import { parseAddress } from './ipvs-address.ts';

const TOTALS = [
  'node_ipvs_connections_total',
  'node_ipvs_incoming_packets_total',
  'node_ipvs_outgoing_packets_total',
  'node_ipvs_incoming_bytes_total',
  'node_ipvs_outgoing_bytes_total',
] as const;

type Labels = Readonly<
  Record<'local_address' | 'local_port' | 'remote_address' | 'remote_port' | 'proto' | 'local_mark', string>
>;

export interface Server {
  readonly labels: Labels;
  readonly weight: number;
  readonly active: number;
  readonly inactive: number;
}

export function ipvs(): Collector {
  return {
    name: 'ipvs',
    collect(host, emit) {
      const stats = readNet(host, 'ip_vs_stats');
      if (stats === undefined) return;
      const totals = parseIpvsStats(stats);
      for (const [i, name] of TOTALS.entries()) emit(name, totals[i]);
      for (const { labels, weight, active, inactive } of parseIpvs(readNet(host, 'ip_vs') ?? '')) {
        emit('node_ipvs_backend_connections_active', active, labels);
        emit('node_ipvs_backend_connections_inactive', inactive, labels);
        emit('node_ipvs_backend_weight', weight, labels);
      }
    },
  };
}

/** By place in `TOTALS`. */
export function parseIpvsStats(text: string): number[] {
  const [, , totals = ''] = lines('/proc/net/ip_vs_stats', text);
  const columns = words(totals);
  return TOTALS.map((_, i) => hexadecimal(columns[i]));
}

/** Servers that look alike (one behind a service that stands there twice) are one, with the sums. */
export function parseIpvs(text: string): Server[] {
  const found = new Map<string, Server>();
  let service: Omit<Labels, 'remote_address' | 'remote_port'> | undefined;
  for (const line of lines('/proc/net/ip_vs', text)) {
    const [first = '', second, , ...numbers] = words(line);
    // Three lines of headings: the version, the services' and, with an arrow as well, the servers'.
    if (first === 'IP' || first === 'Prot' || second === 'RemoteAddress:Port') continue;
    if (first === '->') {
      if (service === undefined) throw malformed('/proc/net/ip_vs', 'a service before its servers', line);
      const [remote_address, remote_port] = parseAddress(second);
      const labels = { ...service, remote_address, remote_port };
      const key = JSON.stringify(labels);
      const same = found.get(key) ?? { weight: 0, active: 0, inactive: 0 };
      const [weight, active, inactive] = numbers.map(decimal);
      found.set(key, {
        labels,
        weight: same.weight + (weight ?? Number.NaN),
        active: same.active + (active ?? Number.NaN),
        inactive: same.inactive + (inactive ?? Number.NaN),
      });
    } else if (first === 'FWM' && second !== undefined) {
      service = { proto: first, local_mark: second, local_address: '', local_port: '0' };
    } else {
      const [local_address, local_port] = parseAddress(second);
      service = { proto: first, local_mark: '', local_address, local_port };
    }
  }
  return [...found.values()];
}
