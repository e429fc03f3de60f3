/**
 * /proc/1/net/netstat, snmp and snmp6: what the protocols counted. The first two have a line of names and a line of values for
 * each protocol, the third, absent without IPv6, a name and a value in each line.
 *
 *   Tcp: RtoAlgorithm RtoMin … ActiveOpens …
 *   Tcp: 1 200 … 2361 …
 *
 *   Icmp6InMsgs                      	40
 *
 * Of some 300 fields those are taken that node_exporter takes by default. Whether one counts or measures the kernel does not
 * say.
 * https://www.kernel.org/doc/html/latest/networking/snmp_counter.html
 */
import type { Collector } from '../collector.ts';
import { readNet, requireNet } from '../host/protocol-files.ts';
import { decimal, lines, malformed, words } from '../kernel/text.ts';
import { each } from './each.ts';

const WANTED = new RegExp(
  `^(${[
    '.*_(InErrors|InErrs)',
    'Ip_Forwarding',
    'Ip(6|Ext)_(InOctets|OutOctets)',
    'Icmp6?_(InMsgs|OutMsgs)',
    'TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)',
    'Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)',
    'Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors)',
  ].join('|')})$`,
);

const NAME_AND_VALUE = /^(\w+)\s+(-?\d+)\s*$/;

/** The number of words that follow a protocol's name, and the wanted ones with their place. */
interface Fields {
  readonly width: number;
  readonly wanted: readonly (readonly [key: string, place: number])[];
}

/** Takes the value of a field, `Tcp_ActiveOpens`. */
type Tell = (key: string, value: number) => void;

export function netstat(): Collector {
  const fields = new Map<string, Fields>();
  const keys = new Map<string, string | undefined>();
  return {
    name: 'netstat',
    collect(host, emit) {
      const tell: Tell = (key, value) => emit(`node_netstat_${key}`, value);
      const parsers = [
        () => parsePairs(requireNet(host, 'netstat'), tell, fields),
        () => parsePairs(requireNet(host, 'snmp'), tell, fields),
        () => parseSnmp6(readNet(host, 'snmp6') ?? '', tell, keys),
      ];
      each(parsers, (parse) => parse());
    },
  };
}

/** @param known what is wanted of a line of names, which is the same at each tick and would be searched in vain. */
export function parsePairs(text: string, tell: Tell, known = new Map<string, Fields>()): void {
  const all = lines('/proc/net/netstat', text);
  const pairs = Array.from({ length: Math.ceil(all.length / 2) }, (_, i) => [all[2 * i] ?? '', all[2 * i + 1] ?? '']);
  each(pairs, ([names = '', values = '']) => {
    const protocol = names.slice(0, names.indexOf(':') + 1);
    if (protocol === '' || !values.startsWith(protocol)) {
      throw malformed('/proc/net/netstat', 'a line of names and one of values for each protocol', names);
    }
    let fields = known.get(names);
    if (fields === undefined) {
      fields = fieldsOf(protocol.slice(0, -1), names);
      known.set(names, fields);
    }
    const columns = words(values.slice(protocol.length));
    // With another number of values than names nobody knows which belongs to which.
    const complete = columns.length === fields.width;
    for (const [key, place] of fields.wanted) tell(key, complete ? decimal(columns[place]) : Number.NaN);
  });
}

function fieldsOf(protocol: string, line: string): Fields {
  const [, ...names] = words(line);
  return {
    width: names.length,
    wanted: names.map((name, place) => [`${protocol}_${name}`, place] as const).filter(([key]) => WANTED.test(key)),
  };
}

/** @param known the key of each name, `undefined` if it is not wanted. */
export function parseSnmp6(text: string, tell: Tell, known = new Map<string, string | undefined>()): void {
  each(lines('/proc/net/snmp6', text), (line) => {
    const [, name = '', value] = NAME_AND_VALUE.exec(line) ?? [];
    if (name === '') throw malformed('/proc/net/snmp6', 'a name and a value', line);
    if (!known.has(name)) known.set(name, keyOf(name));
    const key = known.get(name);
    if (key !== undefined) tell(key, decimal(value));
  });
}

/** `Udp6InErrors` is the field `InErrors` of `Udp6`. */
function keyOf(name: string): string | undefined {
  const six = name.indexOf('6') + 1;
  const key = `${name.slice(0, six)}_${name.slice(six)}`;
  return six > 0 && WANTED.test(key) ? key : undefined;
}
