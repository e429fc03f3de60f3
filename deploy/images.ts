/** The images that a deployment needs, read from what its charts render: for a registry without internet, or for loading them into kind. */

import { PipelineError } from '#runtime/errors.ts';
import { explain } from './explain.ts';
import { input, templateArgs } from './helm.ts';
import { parseManifest } from './manifests.ts';
import type { PlannedRelease } from './plan.ts';
import type { Run } from './run.ts';

/** Charts that are told about the cluster's kinds render their monitors, too. */
const FLAGS = ['--kube-version', '1.36.0', '--api-versions', 'monitoring.coreos.com/v1'];

export async function imagesOf(run: Run, releases: readonly PlannedRelease[]): Promise<readonly string[]> {
  const objects: unknown[] = [];
  for (const release of releases) {
    const { code, stdout, stderr } = await run('helm', templateArgs(release, ...FLAGS), input(release));
    if (code !== 0) throw new PipelineError('DEPLOY', `${release.name} does not render\n${explain(stderr)}`);
    objects.push(...parseManifest(stdout, release.namespace));
  }
  return imagesIn(objects);
}

/** Every image in a render: of containers, of custom resources, and those that operators are told by arguments and environment. */
export function imagesIn(objects: readonly unknown[]): readonly string[] {
  const images = new Set<string>();
  const kafka: string[] = [];
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(walk);
    else if (typeof node === 'string') {
      const [, reloader] = /^--prometheus-config-reloader=(\S+)$/.exec(node) ?? [];
      if (reloader !== undefined) images.add(reloader);
    } else if (typeof node === 'object' && node !== null) {
      const { image, name, value } = node as Record<string, unknown>;
      if (typeof image === 'string' && image !== '') images.add(image);
      if (name === 'STRIMZI_KAFKA_IMAGES' && typeof value === 'string') kafka.push(...value.trim().split('\n'));
      Object.values(node).forEach(walk);
    }
  };
  walk(objects);
  // The operator knows an image for each version of Kafka; one is used.
  const versions = new Map(kafka.map((line) => line.trim().split('=') as [string, string]));
  const used = versions.get(kafkaVersion(objects) ?? '') ?? [...versions.values()].at(-1);
  if (used !== undefined) images.add(used);
  return [...images].toSorted();
}

interface Versioned {
  readonly kind?: string;
  readonly spec?: { readonly kafka?: { readonly version?: string } };
}

function kafkaVersion(objects: readonly unknown[]): string | undefined {
  return (objects as readonly Versioned[]).find((object) => object?.kind === 'Kafka')?.spec?.kafka?.version;
}
