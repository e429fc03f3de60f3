/** A pod that plays producer for a simulated fleet: the producer's image, nothing of the node it runs on. */
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { PRODUCER_SETTINGS } from '../../services/producer/settings.ts';
import { onlyWhen } from '../helm/chart.ts';
import { helm } from '../helm/tokens.ts';
import { serviceAccountName } from './access.ts';
import { kafkaEnv, kafkaMount, kafkaVolume } from './kafka-client.ts';
import { metadata, selectorOf } from './names.ts';
import { container, PULL_SECRETS, podMetadata } from './pod.ts';
import { v } from './values.ts';

const { nodes, seed, speed, scenarios, interval, clusterName, logLevel, enabled } = v.simulation;

export function addSimulator(scope: Construct): void {
  const simulator = onlyWhen(enabled, new Construct(scope, 'simulator'));
  const { nodeSelector, tolerations, affinity, podSecurityContext, extraVolumes, extraVolumeMounts } = v.simulation;
  new k8s.KubeDeployment(simulator, 'deployment', {
    metadata: metadata('simulator'),
    spec: {
      // One pod is the fleet: a second would be the same nodes once more.
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: selectorOf('simulator') },
      template: {
        metadata: podMetadata('simulator'),
        spec: {
          serviceAccountName: serviceAccountName('producer'),
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          imagePullSecrets: PULL_SECRETS,
          nodeSelector: helm.optional.yaml(nodeSelector),
          tolerations: helm.optional.yaml(tolerations),
          affinity: helm.optional.yaml(affinity),
          securityContext: helm.yaml(podSecurityContext),
          containers: [
            {
              ...container('simulator'),
              env: simulatorEnv(),
              volumeMounts: [kafkaMount('producer'), helm.splice<k8s.VolumeMount>(extraVolumeMounts)],
            },
          ],
          volumes: [kafkaVolume('producer'), helm.splice<k8s.Volume>(extraVolumes)],
        },
      },
    },
  });
}

export function simulatorEnv(): k8s.EnvVar[] {
  const setting = (name: keyof typeof PRODUCER_SETTINGS, value: string): k8s.EnvVar => ({ name, value });
  return [
    ...kafkaEnv('producer'),
    setting('CLUSTER_NAME', helm.string(clusterName)),
    setting('SIMULATE', helm.stringOf(nodes)),
    setting('SIMULATE_SEED', helm.stringOf(seed)),
    setting('SIMULATE_SPEED', helm.stringOf(speed)),
    helm.when(scenarios, setting('SCENARIOS', helm.string(scenarios))),
    setting('INTERVAL', helm.string(interval)),
    setting('LOG_LEVEL', helm.string(logLevel)),
    helm.splice<k8s.EnvVar>(v.simulation.extraEnv),
  ];
}
