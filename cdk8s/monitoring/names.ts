/** How objects are called and labelled, and how they find each other. */
import type { k8s } from 'cdk8s-plus-27';
import { helm } from '../helm/tokens.ts';
import { v } from './values.ts';

export const CHART = 'system-monitoring';

/** `test` is what `helm test` runs. */
export type Component = 'producer' | 'consumer' | 'simulator' | 'test';

export const FULLNAME = helm.string(`include "${CHART}.fullname" $`);
export const NAMESPACE = helm.string('.Release.Namespace');

export const PORTS = { producer: 8081, consumer: 8080, simulator: 8081 } as const;

export function nameOf(component: Component): string {
  return `${FULLNAME}-${component}`;
}

/** Of an object that belongs to no namespace: releases of the same name in other namespaces have theirs. */
function clusterNameOf(component: Component): string {
  return `${nameOf(component)}-${NAMESPACE}`;
}

/** Metadata of an object of a component. */
export function metadata(
  component: Component,
  { name, annotations = {}, scope = 'namespace' }: MetadataOptions = {},
): k8s.ObjectMeta {
  const ofCluster = scope === 'cluster';
  return {
    name: name ?? (ofCluster ? clusterNameOf(component) : nameOf(component)),
    ...(!ofCluster && { namespace: NAMESPACE }),
    labels: { 'app.kubernetes.io/component': component },
    annotations: withCommon(annotations),
  };
}

interface MetadataOptions {
  readonly name?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly scope?: 'namespace' | 'cluster';
}

function withCommon(annotations: Readonly<Record<string, string>>): Record<string, string> {
  const common = helm.entries(v.commonAnnotations);
  return Object.keys(annotations).length === 0 ? helm.when(v.commonAnnotations, common) : { ...annotations, ...common };
}

/** Selects the pods of a component. Never changes within a release: workloads' selectors are immutable. */
export function selectorOf(component: Component): Record<string, string> {
  return {
    ...helm.entries(`include "${CHART}.selectorLabels" $`),
    'app.kubernetes.io/component': component,
  };
}

/** The same as text, as the API takes it in a question. */
export function selectorText(component: Component): string {
  const name = helm.string(`include "${CHART}.name" $`);
  const release = helm.string('.Release.Name');
  return `app.kubernetes.io/name=${name},app.kubernetes.io/instance=${release},app.kubernetes.io/component=${component}`;
}

/** `job` of a component's own series in Prometheus. */
export function jobOf(component: 'producer' | 'consumer'): string {
  return nameOf(component);
}
