/**
 * What is installed beside our own chart, and in which order: one pinned table. Third parties stay Helm releases of their own, so that each can
 * be upgraded, rolled back, left out and removed by itself. `deploy/` installs them, `make synth` writes their values.
 */

/** Helm values of somebody else's chart. Keys are checked by rendering, not by us. */
export interface Values {
  readonly [key: string]: Value;
}
type Value = string | number | boolean | null | readonly Value[] | Values;

/** Where a chart is published. */
export type ChartHome =
  /** A chart repository: the address that `helm --repo` takes. */
  | { readonly repository: string; readonly version: string }
  /** An OCI registry: the whole reference but the version. */
  | { readonly oci: string; readonly version: string }
  /** A folder of this project; its Chart.yaml says the version. */
  | { readonly folder: string };

/** A request that shows, from outside, that a release does its work. */
export interface Question {
  readonly service: string;
  readonly port: number;
  readonly path: string;
}

export interface Release {
  /** The name of the release and of its chart. */
  readonly name: string;
  readonly home: ChartHome;
  readonly namespace: string;
  /** Whether its chart brings definitions (CRDs). Helm never upgrades those, so deploy applies them itself before the release. */
  readonly definitions: boolean;
  /** The value that rewrites the registry of every image of the chart; none where the chart names no image. */
  readonly registryValue?: string;
  /**
   * When it counts as ready, besides every workload and custom resource of its manifest being so (deploy/readiness.ts):
   * a request through the API server that must succeed.
   */
  readonly answers?: Question;
  /** Beyond that: Prometheus must have scraped each ServiceMonitor and PodMonitor of its manifest. */
  readonly scraped?: boolean;
}

/** The address of a release's question inside the cluster. */
export const address = (namespace: string, { service, port }: Question): string =>
  `http://${service}.${namespace}.svc:${port}`;
