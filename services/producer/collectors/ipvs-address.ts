/**
 * Addresses as /proc/1/net/ip_vs writes them, `C000020A:01BB` and `[2001:0db8:0000:0000:0000:0000:0000:0001]:0050`, and as people
 * do: dotted, and with the longest run of zeros left out (RFC 5952).
 * https://www.rfc-editor.org/rfc/rfc5952#section-4
 */
import { malformed } from '../kernel/text.ts';

const IPV4 = /^([\da-f]{8}):([\da-f]{4})$/i;
const IPV6 = /^\[((?:[\da-f]{4}:){7}[\da-f]{4})\]:([\da-f]{4})$/i;

export function parseAddress(text: string | undefined): [address: string, port: string] {
  const [, v4, port4 = ''] = IPV4.exec(text ?? '') ?? [];
  if (v4 !== undefined) return [dotted(v4), decimalPort(port4)];
  const [, v6, port6 = ''] = IPV6.exec(text ?? '') ?? [];
  if (v6 !== undefined) return [shortened(v6), decimalPort(port6)];
  throw malformed('/proc/net/ip_vs', 'an address and a port', text);
}

function decimalPort(port: string): string {
  return String(Number.parseInt(port, 16));
}

function dotted(address: string): string {
  return [0, 2, 4, 6].map((at) => Number.parseInt(address.slice(at, at + 2), 16)).join('.');
}

function shortened(address: string): string {
  const groups = address.split(':').map((group) => Number.parseInt(group, 16).toString(16));
  let [start, length] = [0, 0];
  for (let from = 0; from < groups.length; from++) {
    let to = from;
    while (groups[to] === '0') to++;
    if (to - from > length) [start, length] = [from, to - from];
  }
  if (length < 2) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}
