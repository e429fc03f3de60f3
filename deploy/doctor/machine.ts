/** The programs that a deployment takes, and the machine under a kind cluster. */
import { existsSync, readFileSync } from 'node:fs';
import type { Outcome, Run } from '../run.ts';
import { type Finding, numbers } from './finding.ts';

const GIB = 1024 ** 3;
/** What the kind profile takes, images and page cache not counted. */
const MEMORY = { least: 4 * GIB, good: 6 * GIB };
/** kind's own advice for several nodes; the defaults of many distributions end with "too many open files". */
const INOTIFY = { max_user_instances: 512, max_user_watches: 524_288 };
/** The programs and the machine. */
export async function examineMachine(run: Run, onKind: boolean): Promise<readonly Finding[]> {
  const helm = judgeHelm(await run('helm', ['version', '--short']));
  const kubectl = judgeKubectl(await run('kubectl', ['version', '--client', '--output', 'json']));
  if (!onKind) return [helm, kubectl];
  const docker = await run('docker', ['info', '--format', '{{.MemTotal}} {{.ServerVersion}}']);
  return [
    helm,
    kubectl,
    judgeKind(await run('kind', ['version'])),
    ...judgeDocker(docker),
    ...judgeInotify((name) => readIfThere(`/proc/sys/fs/inotify/${name}`)),
  ];
}

export function judgeHelm({ code, stdout }: Outcome): Finding {
  const [major = 0, minor = 0] = numbers(stdout);
  const fix = 'Helm 3.16 or newer, or 4: https://helm.sh/docs/intro/install';
  if (code !== 0) return { what: 'helm', level: 'fail', found: 'not found', fix };
  const found = stdout.trim();
  return major > 3 || (major === 3 && minor >= 16)
    ? { what: 'helm', level: 'ok', found }
    : { what: 'helm', level: 'fail', found: `${found} is too old`, fix };
}

export function judgeKubectl({ code, stdout }: Outcome): Finding {
  if (code !== 0) {
    const fix = 'https://kubernetes.io/docs/tasks/tools';
    return { what: 'kubectl', level: 'fail', found: 'not found', fix };
  }
  const { clientVersion } = JSON.parse(stdout) as { clientVersion: { gitVersion: string } };
  return { what: 'kubectl', level: 'ok', found: clientVersion.gitVersion };
}

function judgeKind({ code, stdout }: Outcome): Finding {
  return code === 0
    ? { what: 'kind', level: 'ok', found: stdout.trim() }
    : {
        what: 'kind',
        level: 'fail',
        found: 'not found',
        fix: 'https://kind.sigs.k8s.io/docs/user/quick-start/#installation',
      };
}

/** @param info memory in bytes and version, as `docker info` was asked for */
export function judgeDocker({ code, stdout, stderr }: Outcome): readonly Finding[] {
  const [memory, version = ''] = stdout.trim().split(' ');
  if (code !== 0 || version === '') {
    const found = code === 127 ? 'not found' : `its daemon does not answer: ${stderr.trim().split('\n')[0]}`;
    const fix = 'kind runs its nodes as containers: https://docs.docker.com/get-started/get-docker, and start it.';
    return [{ what: 'docker', level: 'fail', found, fix }];
  }
  const bytes = Number(memory);
  const found = `${(bytes / GIB).toFixed(1)} GiB`;
  const fix = 'Give docker 6 GiB or more (Docker Desktop: Settings, Resources), or leave releases out: SKIP=…';
  const level = bytes >= MEMORY.good ? 'ok' : bytes >= MEMORY.least ? 'warn' : 'fail';
  return [
    { what: 'docker', level: 'ok', found: version },
    level === 'ok' ? { what: 'memory', level, found } : { what: 'memory', level, found: `${found}: too little`, fix },
  ];
}

/** @param read a limit of the kernel's; `undefined` where there is none (macOS, Windows: docker's own machine has enough) */
export function judgeInotify(read: (name: string) => string | undefined): readonly Finding[] {
  const low = Object.entries(INOTIFY).flatMap(([name, least]) => {
    const value = read(name);
    return value === undefined || Number(value) >= least ? [] : [{ name, value: value.trim(), least }];
  });
  if (low.length === 0) return [{ what: 'inotify', level: 'ok', found: 'limits are high enough' }];
  return [
    {
      what: 'inotify',
      level: 'warn',
      found: low.map(({ name, value }) => `fs.inotify.${name} is ${value}`).join(', '),
      fix: `sudo sysctl ${low.map(({ name, least }) => `fs.inotify.${name}=${least}`).join(' ')} (else pods may end with "too many open files")`,
    },
  ];
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
