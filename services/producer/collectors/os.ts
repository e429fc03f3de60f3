/**
 * /etc/os-release, or /usr/lib/os-release where there is none: the distribution, in assignments as a shell reads them.
 *
 *   NAME="Debian GNU/Linux"
 *   VERSION_ID="12"
 *
 * https://www.freedesktop.org/software/systemd/man/latest/os-release.html
 */
import type { Collector } from '../collector.ts';
import { followLinks } from '../host/links.ts';
import { FIVE_MINUTES_MS, remembered } from '../host/remembered.ts';
import { malformed } from '../kernel/text.ts';

const FILES = ['etc/os-release', 'usr/lib/os-release'] as const;
const MS_PER_SECOND = 1000;

/** By the name of the variable; what is not set is absent. */
export type OsRelease = ReadonlyMap<string, string>;

export function os(now: () => number): Collector {
  const release = remembered(now, FIVE_MINUTES_MS, (host) => {
    for (const file of FILES) {
      const text = host.peek(followLinks(host, file));
      if (text !== undefined) return parseOsRelease(text);
    }
    return undefined;
  });
  return {
    name: 'os',
    needs: ['root'],
    collect(host, emit) {
      const found = release(host);
      if (found === undefined) return;
      const { get, id, id_like, name } = basics(found);
      emit('node_os_info', 1, {
        build_id: get('BUILD_ID'),
        id,
        id_like,
        image_id: get('IMAGE_ID'),
        image_version: get('IMAGE_VERSION'),
        name,
        pretty_name: get('PRETTY_NAME'),
        variant: get('VARIANT'),
        variant_id: get('VARIANT_ID'),
        version: get('VERSION'),
        version_codename: get('VERSION_CODENAME'),
        version_id: get('VERSION_ID'),
      });
      emit('node_os_version', majorMinor(get('VERSION_ID')), { id, id_like, name });
      emit('node_os_support_end_timestamp_seconds', supportEnd(get('SUPPORT_END')));
    },
  };
}

function basics(release: OsRelease) {
  const get = (variable: string) => release.get(variable) ?? '';
  return { get, id: get('ID'), id_like: get('ID_LIKE'), name: get('NAME') };
}

/** Comments and what is no assignment are passed over, as systemd does. @throws PipelineError `PARSE` if nothing is left. */
export function parseOsRelease(text: string): OsRelease {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^\s*([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) found.set(name, unquoted(value.trim()));
  }
  if (found.size === 0) throw malformed('os-release', 'an assignment', text);
  return found;
}

/** In double quotes, and without any, a backslash takes the meaning from what follows. */
function unquoted(value: string): string {
  const quote = value[0];
  if (quote === "'" && value.endsWith("'")) return value.slice(1, -1);
  const inner = quote === '"' && value.length > 1 && value.endsWith('"') ? value.slice(1, -1) : value;
  return inner.replace(/\\(.)/g, '$1');
}

/** 12.3 of `12.3.1`. None of a distribution that is always the newest and has no version. */
export function majorMinor(version: string): number | undefined {
  const number = Number(/^\d+(?:\.\d+)?/.exec(version)?.[0] ?? 0);
  return number > 0 ? number : undefined;
}

/** Of a date such as `2029-06-30`: its first moment in UTC, seconds since the Unix epoch. NaN if it is none. */
export function supportEnd(date: string): number | undefined {
  if (date === '') return undefined;
  return /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(`${date}T00:00:00Z`) / MS_PER_SECOND : Number.NaN;
}
