/**
 * /etc/localtime: the time zone of the node, which in a container is not that of the process. It is a link to a file of a zone's
 * name, and the file's last line says what its times are called, as in the environment variable TZ:
 *
 *   /etc/localtime -> /usr/share/zoneinfo/Europe/Berlin
 *   CET-1CEST,M3.5.0,M10.5.0/3
 *
 * The offset is what Node's own copy of the time zone database has for that name, because the line alone does not do for all
 * (Morocco's Ramadan). For a file without a name it does, unless it has summer time: then nothing is said; and for UTC, which
 * nearly all nodes are on, since the database costs memory. A node without
 * /etc/localtime is on UTC.
 * https://www.freedesktop.org/software/systemd/man/latest/localtime.html
 * https://www.rfc-editor.org/rfc/rfc9636.html#name-tzif-footer
 */
import type { Collector } from '../collector.ts';
import { followLinks } from '../host/links.ts';
import type { Host } from '../host/proc.ts';
import { FIVE_MINUTES_MS, remembered } from '../host/remembered.ts';

export interface TimeZone {
  readonly offsetSeconds: number;
  /** `CET`; for zones that have no letters for it, what is ahead of UTC: `+03`. */
  readonly name: string;
}

const UTC: TimeZone = { offsetSeconds: 0, name: 'UTC' };

export function timezone(now: () => number): Collector {
  const zoneAt = remembered(now, FIVE_MINUTES_MS, lookUp);
  return {
    name: 'timezone',
    needs: ['root'],
    collect(host, emit) {
      const zone = zoneAt(host)(now());
      emit('node_time_zone_offset_seconds', zone?.offsetSeconds, { time_zone: zone?.name ?? '' });
    },
  };
}

/** The zone at a time, milliseconds since the Unix epoch. */
type ZoneAt = (time: number) => TimeZone | undefined;

function lookUp(host: Host): ZoneAt {
  const path = followLinks(host, 'etc/localtime');
  const file = host.peek(path);
  if (file === undefined) {
    const known = host.list('etc').length > 0;
    return () => (known ? UTC : undefined);
  }
  const footer = file.slice(file.lastIndexOf('\n') + 1);
  return zoneOf(/\/zoneinfo\/(?:posix\/|right\/)?(.+)$/.exec(path)?.[1], footer);
}

/** @param footer the last line of the zone's file. */
export function zoneOf(name: string | undefined, footer: string): ZoneAt {
  if (footer === 'UTC0') return () => UTC;
  const names = parseFooter(footer);
  const offsetAt = offsetsOf(name) ?? (names.length === 1 ? () => names[0]?.offsetSeconds : () => undefined);
  return (time) => {
    const offsetSeconds = offsetAt(time);
    if (offsetSeconds === undefined) return undefined;
    const called = names.find((zone) => zone.offsetSeconds === offsetSeconds)?.name;
    return { offsetSeconds, name: called ?? numeric(offsetSeconds) };
  };
}

/** Standard time, and summer time if there is any. */
export function parseFooter(footer: string): TimeZone[] {
  const [, standard, west, summer, summerWest] =
    /^(<[^>]+>|[A-Za-z]+)([-+]?[\d:]+)(?:(<[^>]+>|[A-Za-z]+)([-+]?[\d:]+)?)?(?:,.*)?$/.exec(footer) ?? [];
  if (standard === undefined || west === undefined) return [];
  const plain = (name: string) => name.replace(/[<>]/g, '');
  const zone = { name: plain(standard), offsetSeconds: -secondsOf(west) };
  if (summer === undefined) return [zone];
  const ahead = summerWest === undefined ? zone.offsetSeconds + SECONDS_PER_HOUR : -secondsOf(summerWest);
  return [zone, { name: plain(summer), offsetSeconds: ahead }];
}

const SECONDS_PER_HOUR = 3600;

/** Of `[+-]hours[:minutes[:seconds]]`. Zero has no sign. */
function secondsOf(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[-+]/, '').split(':').map(Number);
  const size = hours * SECONDS_PER_HOUR + minutes * 60 + seconds;
  return text.startsWith('-') ? 0 - size : size;
}

/** The offsets of a named zone, in seconds; `undefined` if there is no such zone in the database. */
function offsetsOf(timeZone: string | undefined): ((time: number) => number | undefined) | undefined {
  if (timeZone === undefined) return undefined;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return (time) => {
    const text = format
      .formatToParts(time)
      .find(({ type }) => type === 'timeZoneName')
      ?.value.replace('GMT', '');
    return text === undefined ? undefined : secondsOf(text === '' ? '0' : text);
  };
}

function numeric(offsetSeconds: number): string {
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  const rest = minutes % 60 === 0 ? '' : two(minutes % 60);
  return `${offsetSeconds < 0 ? '-' : '+'}${two(Math.trunc(minutes / 60))}${rest}`;
}
