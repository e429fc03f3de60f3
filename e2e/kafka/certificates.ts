/** Certificates for brokers and clients on the loopback address, by Java's own tool and OpenSSL's. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STORE_PASSWORD = 'changeit';

/** `NAME.p12`, and `NAME.pem` for those who shall trust it. Its subject is `CN=NAME`, and it vouches for itself, and for others. */
export function createCertificate(directory: string, name: string): void {
  const subject = ['-dname', `CN=${name}`, '-ext', 'SAN=ip:127.0.0.1', '-ext', 'BC=ca:true'];
  keytool(
    '-genkeypair',
    '-keyalg',
    'EC',
    '-storetype',
    'PKCS12',
    '-validity',
    '2',
    ...subject,
    ...store(directory, name),
  );
  keytool('-exportcert', '-rfc', '-file', join(directory, `${name}.pem`), ...store(directory, name));
}

/** `NAME.pem` and `NAME.key` of a client for which an issuer vouches, for so many days from so many days ago. */
export function issueCertificate(
  directory: string,
  issuer: string,
  name: string,
  { daysAgo = 0, days = 2 } = {},
): void {
  createCertificate(directory, name);
  const request = join(directory, `${name}.csr`);
  keytool('-certreq', '-file', request, ...store(directory, name));
  const valid = ['-startdate', `-${daysAgo}d`, '-validity', String(days)];
  const issued = ['-infile', request, '-rfc', '-outfile', join(directory, `${name}.pem`)];
  keytool('-gencert', ...issued, ...valid, ...store(directory, issuer));
  const from = ['-in', join(directory, `${name}.p12`), '-passin', `pass:${STORE_PASSWORD}`];
  const key = execFileSync('openssl', ['pkcs12', ...from, '-nocerts', '-nodes'], { stdio: 'pipe' });
  writeFileSync(join(directory, `${name}.key`), key);
}

/** Settings of a broker that shows a certificate that was created, and trusts whom that vouches for. */
export function storeSettings(directory: string, name: string): Record<string, string> {
  return {
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': join(directory, `${name}.p12`),
    'ssl.keystore.password': STORE_PASSWORD,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': join(directory, `${name}.pem`),
  };
}

function store(directory: string, name: string): string[] {
  return ['-alias', name, '-keystore', join(directory, `${name}.p12`), '-storepass', STORE_PASSWORD];
}

function keytool(...args: string[]): void {
  execFileSync('keytool', args, { stdio: 'pipe' });
}
