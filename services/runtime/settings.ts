/** Kinds of settings: what an environment variable may hold, how it reads, and how a mistake is told. */
import type { Setting } from './config.ts';

type Kind<T> = Pick<Setting<T>, 'expected' | 'parse'>;

export const text: Kind<string> = { expected: 'a text', parse: (value) => value };

export const filePath: Kind<string> = { expected: 'the path of a file', parse: (value) => value };

export const filePaths: Kind<readonly string[]> = {
  expected: 'paths of files, separated by commas',
  parse(value) {
    const paths = value.split(',').map((path) => path.trim());
    return paths.every((path) => path !== '') ? paths : undefined;
  },
};

export const directory: Kind<string> = { expected: 'the path of a directory', parse: (value) => value };

/** A name as Kubernetes allows for nodes; it becomes a label value, a record key and part of a URI. */
export const name: Kind<string> = {
  expected: 'a name of at most 253 letters, digits, "-", "_" or "."',
  parse: (value) => (/^[A-Za-z0-9_.-]{1,253}$/.test(value) ? value : undefined),
};

export function oneOf<const T extends string>(...values: readonly T[]): Kind<T> {
  return {
    expected: values.length === 1 ? `"${values[0]}"` : `one of ${values.join(', ')}`,
    parse: (value) => values.find((candidate) => candidate === value),
  };
}

/** A whole number. */
export function whole(min: number, max: number): Kind<number> {
  return {
    expected: `a whole number from ${min} to ${max}`,
    parse(value) {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      return number >= min && number <= max ? number : undefined;
    },
  };
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A span of time in milliseconds. */
export function duration(min: string, max: string): Kind<number> {
  const [minMs, maxMs] = [toMs(min), toMs(max)];
  return {
    expected: `a duration from ${min} to ${max}, such as 500ms, 5s or 1m`,
    parse(value) {
      const ms = toMs(value);
      return ms >= minMs && ms <= maxMs ? ms : undefined;
    },
  };
}

function toMs(value: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h)$/.exec(value) ?? [];
  return Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
}

const UNIT_BYTES: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40 };

/** An amount of memory or disk in bytes, written as Kubernetes does. */
export function bytes(min: string, max: string): Kind<number> {
  const [minBytes, maxBytes] = [toBytes(min), toBytes(max)];
  return {
    expected: `a size from ${min} to ${max}, such as 64Mi`,
    parse(value) {
      const size = toBytes(value);
      return size >= minBytes && size <= maxBytes ? size : undefined;
    },
  };
}

function toBytes(value: string): number {
  const [, amount, unit] = /^(\d{1,15})(Ki|Mi|Gi|Ti)?$/.exec(value) ?? [];
  return Number(amount) * (unit === undefined ? 1 : (UNIT_BYTES[unit] ?? Number.NaN));
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

const ADDRESS = /^(?:([A-Za-z0-9_.-]+)|\[([0-9A-Fa-f:.]+)\])?:(\d{1,5})$/;

function parseAddress(value: string): Address | undefined {
  const [, name, ipv6, digits] = ADDRESS.exec(value) ?? [];
  const port = Number(digits);
  return port <= 65_535 ? { host: name ?? ipv6 ?? '', port } : undefined;
}

/** Where to listen. An empty host means every interface, port 0 any free one. */
export const address: Kind<Address> = {
  expected: 'host:port, [ipv6]:port, or :port for every interface',
  parse: parseAddress,
};

/** A comma-separated list of servers, kept as text. */
export const servers: Kind<readonly string[]> = {
  expected: 'a comma-separated list of host:port',
  parse(value) {
    const list = value.split(',').map((item) => item.trim());
    const valid = list.every((item) => {
      const parsed = parseAddress(item);
      return parsed !== undefined && parsed.host !== '' && parsed.port > 0;
    });
    return valid ? list : undefined;
  },
};

export interface HttpServer {
  /** Without credentials and without a slash at its end. */
  readonly url: string;
  /** The header that logs in, from the URL's user and password. */
  readonly authorization: string | undefined;
}

/** Servers that are spoken to by HTTP. Credentials are taken out of the URLs, which are fit to be shown then. */
export const httpServers: Kind<readonly HttpServer[]> = {
  expected: 'a comma-separated list of http(s)://[user:password@]host[:port][/path]',
  parse(value) {
    const list = value.split(',').map((item) => parseHttpServer(item.trim()));
    return list.every((server) => server !== undefined) ? list : undefined;
  },
};

function parseHttpServer(text: string): HttpServer | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || /[?#]/.test(text)) return undefined;
  try {
    const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
    const authorization =
      user === '' && password === '' ? undefined : `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    return { url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`, authorization };
  } catch {
    // A percent sign that encodes nothing.
    return undefined;
  }
}
