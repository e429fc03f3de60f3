/** What helm and kubectl say when they fail, followed by what it means and what to do: for people who do not read Go errors for a living. */

interface Explanation {
  readonly pattern: RegExp;
  readonly advice: (match: RegExpExecArray, said: string) => string;
  /** It says all that the program said, and shorter. */
  readonly instead?: boolean;
}

const FROM: Readonly<Record<string, string>> = {
  'monitoring.coreos.com': 'the Prometheus operator: the release kube-prometheus-stack brings them',
  'kafka.strimzi.io': "Strimzi's operator: the release strimzi-kafka-operator brings them",
};

const EXPLANATIONS: readonly Explanation[] = [
  {
    pattern: /no matches for kind "[^"]+" in version "([^/"]+)[^"]*"/,
    advice: ([, group = ''], said) => {
      const kinds = new Set([...said.matchAll(/no matches for kind "([^"]+)"/g)].map(([, kind]) => kind));
      return `The cluster does not know ${[...kinds].join(', ')}: the definitions (CRDs) are missing. They belong to ${FROM[group] ?? group}.\nDeploy that release, too (is it in SKIP?), or switch off what needs them by a file in VALUES_DIR.`;
    },
    instead: true,
  },
  {
    pattern: /values don't meet the specifications of the schema/,
    advice: () =>
      'A value has a name or a type that the chart does not know: see the line above, and the table in its README.',
  },
  {
    pattern: /another operation \(install\/upgrade\/rollback\) is in progress/,
    advice: () =>
      'An earlier helm was interrupted and left the release locked. `helm history NAME -n NAMESPACE` shows it; `helm rollback NAME -n NAMESPACE` (or `helm uninstall`, if it was the first) frees it.',
  },
  {
    pattern: /invalid ownership metadata|cannot be imported into the current release/,
    advice: () =>
      'Something of that name exists already and belongs to somebody else. If the cluster already has this software, leave the release out: SKIP=NAME.',
  },
  {
    pattern: /conflicts? with "([^"]+)"/,
    advice: ([, manager]) =>
      `The field was changed by ${manager} behind helm's back (kubectl edit, kubectl scale, an autoscaler). Undo that change, or uninstall the release first.`,
  },
  {
    pattern: /PriorityClass\.scheduling\.k8s\.io "([^"]+)" is invalid: .*may not be changed in an update/,
    advice: ([, name]) =>
      `The value of a PriorityClass never changes. \`kubectl delete priorityclass ${name}\` and deploy again; pods that run keep the priority that they have.`,
  },
  {
    pattern:
      /cannot (?:patch|change|update).*(?:field is immutable|updates to statefulset spec)|field is immutable|updates to statefulset spec/is,
    advice: () =>
      'Kubernetes does not let this field change. `helm uninstall` the release and deploy again; volumes are kept.',
  },
  {
    pattern: /failed pre-install|failed post-install|timed out waiting for the condition|context deadline exceeded/,
    advice: () => 'A job of the chart did not end in time: see what is not ready below.',
  },
  {
    pattern: /violates PodSecurity "([^"]+)"/,
    advice: ([, level]) =>
      `The namespace admits only pods of the level ${level}. It existed before, so its labels were left alone: set pod-security.kubernetes.io/enforce on it, or use another namespace.`,
  },
  {
    pattern: /is forbidden: User "([^"]+)"/,
    advice: ([, user]) => `${user} may not do that. Deploying needs the rights of a cluster administrator.`,
  },
  {
    pattern: /cluster unreachable|connection refused|no such host|i\/o timeout|Unable to connect to the server/i,
    advice: () =>
      'The API server does not answer. Is the cluster running (`kind get clusters`, `make kind-up`), and is it the right context?',
  },
  {
    pattern: /chart requires kubeVersion: (\S+)/,
    advice: ([, range]) => `The chart needs Kubernetes ${range}.`,
  },
  {
    pattern:
      /failed to download|failed to fetch|could not find protocol handler|not a valid chart repository|no cached repo/i,
    advice: () =>
      'The chart cannot be downloaded. Without internet put the archives into a folder and say CHARTS_DIR=folder (`node deploy/main.ts doctor` lists them).',
  },
];

/** What a failed program said, without what only its authors need, and what to do about it if that is known. */
export function explain(stderr: string): string {
  const said = stderr
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^(?:level=(?:WARN|INFO)|WARNING:|W\d{4} |I\d{4} )/.test(line))
    .map((line) => line.replace(/^Error: (?:UPGRADE|INSTALLATION) FAILED: |^Error: /, ''))
    .join('\n');
  for (const { pattern, advice, instead } of EXPLANATIONS) {
    const match = pattern.exec(stderr);
    if (match === null) continue;
    const told = indent(`→ ${advice(match, stderr)}`);
    return instead === true ? told : `${said}\n${told}`;
  }
  return said;
}

export const indent = (text: string): string => text.replace(/^(?=.)/gm, '  ');
