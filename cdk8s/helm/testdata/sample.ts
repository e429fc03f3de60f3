/** A chart with every kind of token in it, for the tests and as an example. */
import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { z } from 'zod';
import { HelmChart, onlyWhen } from '../chart.ts';
import { all, equals, not, valuePaths } from '../expression.ts';
import { standardHelpers } from '../helpers.ts';
import * as schemas from '../schemas.ts';
import { helm } from '../tokens.ts';

export const VALUES = z.strictObject({
  global: schemas.globals,
  nameOverride: z.string().default('').describe("Takes the place of the chart's name."),
  fullnameOverride: z.string().default('').describe('Takes the place of the whole name.'),
  commonLabels: schemas.textMap.default({}).describe('Labels of every object.'),
  replicas: z.int().min(1).default(2).describe('How many pods there are.'),
  limitBytes: z.int().default(5_000_000).describe('An integer that must stay one.'),
  verbose: z.boolean().default(false).describe('Whether it tells more.'),
  level: z.enum(['info', 'debug']).default('info').describe('How much it tells.'),
  maxUnavailable: schemas.countOrPercentage.default('25%').describe('Pods that may be missing during an update.'),
  server: z
    .strictObject({
      image: schemas.image({ registry: 'ghcr.io', repository: 'example/server' }).describe('What runs.'),
      resources: schemas.resources.default({ requests: { cpu: '10m' } }).describe('What it may use.'),
      tolerations: schemas.tolerations.default([]).describe('Taints of nodes that it bears.'),
      extraEnv: schemas.env.default([]).describe('More environment variables.'),
      podLabels: schemas.textMap.default({}).describe('Labels of the pods.'),
      nodeSelector: schemas.textMap.default({}).describe('Nodes that it may run on.'),
      affinity: schemas.anything.default({}).describe('Rules for where it runs.'),
      priorityClassName: z.string().default('').describe('Its priority class.'),
      graceSeconds: z.int().optional().describe('How long it may take to end.\nUnset: what Kubernetes thinks.'),
    })
    .describe('The server.'),
});

const v = valuePaths<z.infer<typeof VALUES>>();

export function sampleChart(): HelmChart {
  const chart = new HelmChart({
    metadata: {
      name: 'sample',
      description: 'A chart with every kind of token in it.',
      version: '1.2.3',
      appVersion: '1.2.3',
      kubeVersion: '>=1.30.0-0',
    },
    values: VALUES,
    labels: helm.entries('include "sample.labels" .'),
    helpers: standardHelpers({ chart: 'sample', partOf: 'sample' }),
    notes: 'Watch it: kubectl --namespace {{ .Release.Namespace }} get pods\n',
    readme: (table) => `# sample\n\n${table}\n`,
    ci: {
      default: { about: 'The defaults.', values: {} },
      full: {
        about: 'Everything.',
        values: {
          commonLabels: { team: 'x' },
          limitBytes: 123456789,
          verbose: true,
          level: 'debug',
          maxUnavailable: 1,
          server: {
            graceSeconds: 0,
            tolerations: [{ operator: 'Exists' }],
            extraEnv: [{ name: 'EXTRA', value: 'on' }],
            podLabels: { 'example.org/tier': 'back' },
            nodeSelector: { 'kubernetes.io/os': 'linux' },
            affinity: { nodeAffinity: {} },
            priorityClassName: 'high',
          },
        },
      },
    },
  });
  const name = `${helm.string('include "sample.fullname" .')}-server`;
  const selector = helm.entries('include "sample.selectorLabels" .');
  const server = new Construct(chart, 'server');
  new k8s.KubeDeployment(server, 'deployment', {
    metadata: { name },
    spec: {
      replicas: helm.number(v.replicas),
      selector: { matchLabels: selector },
      strategy: {
        rollingUpdate: { maxUnavailable: k8s.IntOrString.fromString(helm.json(v.maxUnavailable) as string) },
      },
      template: {
        metadata: { labels: { ...selector, ...helm.entries(v.server.podLabels) } },
        spec: {
          hostPid: false,
          nodeSelector: helm.optional.yaml(v.server.nodeSelector),
          affinity: helm.optional.yaml(v.server.affinity),
          tolerations: helm.yaml(v.server.tolerations),
          priorityClassName: helm.optional.string(v.server.priorityClassName),
          terminationGracePeriodSeconds: helm.optional.number(v.server.graceSeconds),
          imagePullSecrets: helm.optional.yaml('.Values.global.imagePullSecrets'),
          volumes: helm.when(v.verbose, [{ name: 'scratch', emptyDir: {} }]),
          securityContext: helm.when(all(v.verbose, equals(v.level, 'debug')), { runAsNonRoot: true }),
          containers: [
            {
              name: 'server',
              image: helm.string('include "sample.image" (dict "root" $ "image" .Values.server.image)'),
              args: ['--level', helm.string(v.level), helm.when(v.verbose, '--verbose')],
              env: [
                { name: 'LIMIT', value: helm.stringOf(v.limitBytes) },
                helm.when(equals(v.level, 'debug'), { name: 'DEBUG', value: 'on' }),
                helm.splice<k8s.EnvVar>(v.server.extraEnv),
              ],
              resources: helm.yaml(v.server.resources),
              tty: helm.boolean(v.verbose),
              ports: [{ name: 'http', containerPort: 8080, hostIp: '127.0.0.1' }],
            },
          ],
        },
      },
    },
  });
  onlyWhen(
    not(v.verbose),
    new k8s.KubeConfigMap(server, 'config', {
      metadata: { name, annotations: helm.when(v.verbose, { 'example.org/note': 'on' }) },
      data: {
        limit: `${helm.number(v.limitBytes)} of ${helm.string(v.level)}`,
        digits: `${helm.number(v.replicas)}.${helm.number(v.replicas)}`,
        yes: 'yes',
        json: `{"a":{"b":{}},"level":{${helm.stringOf(v.verbose)}:1}}`,
        'alert.txt': 'CPU of {{ $labels.node }} is at {{ printf "%.0f" $value }}\nand `{{ raw }}`\n\n',
      },
    }),
  );
  new ApiObject(chart, 'rule', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PrometheusRule',
    metadata: { name },
    spec: { groups: [{ name: 'a', rules: helm.yaml('.Values.rules | default list') }] },
  });
  return chart;
}
