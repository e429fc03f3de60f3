/**
 * What an API server with strict validation would refuse in an object, told without one: values of another type, required
 * fields that are missing, fields that do not exist, and names and labels that may not be.
 *
 * Kubernetes' own kinds and the Prometheus operator's are judged by `kubernetes-models`, Strimzi's by its definitions.
 * Rules in CEL are left to the API server.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { TOOLS } from '../tools/tools.ts';
import type { KubernetesObject } from './object.ts';

/** A sentence for each problem; none if it is valid. */
export async function problemsOf(object: KubernetesObject): Promise<readonly string[]> {
  const problems = [...namingProblems(object)];
  if (object.apiVersion.startsWith('kafka.strimzi.io/')) {
    const { metadata } = object;
    const asConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
    return [...problems, ...(await modelProblems(asConfigMap)), ...definitionProblems(object)];
  }
  return [...problems, ...(await modelProblems(object))];
}

// Names

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const QUALIFIED_NAME = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
/** RBAC's names are path segments. */
const FREELY_NAMED = ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'];

function* namingProblems({ kind, metadata }: KubernetesObject): Generator<string> {
  const { name, labels = {}, annotations = {} } = metadata;
  const pattern = kind === 'Service' || kind === 'Namespace' ? DNS_LABEL : SUBDOMAIN;
  if (!FREELY_NAMED.includes(kind) && !pattern.test(name)) yield `/metadata/name ${name} is no name for a ${kind}`;
  for (const [key, value] of Object.entries(labels)) {
    if (!QUALIFIED_NAME.test(key) || !LABEL_VALUE.test(value)) yield `/metadata/labels ${key}=${value} is no label`;
  }
  for (const key of Object.keys(annotations)) {
    if (!QUALIFIED_NAME.test(key)) yield `/metadata/annotations ${key} is no annotation`;
  }
}

// kubernetes-models

interface Model {
  readonly prototype: { validate(): void };
}

const MODELS: Readonly<Record<string, () => Promise<object>>> = {
  v1: () => import('kubernetes-models/v1'),
  'apps/v1': () => import('kubernetes-models/apps/v1'),
  'batch/v1': () => import('kubernetes-models/batch/v1'),
  'policy/v1': () => import('kubernetes-models/policy/v1'),
  'networking.k8s.io/v1': () => import('kubernetes-models/networking.k8s.io/v1'),
  'rbac.authorization.k8s.io/v1': () => import('kubernetes-models/rbac.authorization.k8s.io/v1'),
  'scheduling.k8s.io/v1': () => import('kubernetes-models/scheduling.k8s.io/v1'),
  'monitoring.coreos.com/v1': () => import('@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1'),
};

/**
 * The models' validators accept fields that they do not know, but they look at every one that they do: what they never
 * looked at does not exist.
 */
async function modelProblems(object: KubernetesObject): Promise<readonly string[]> {
  const { apiVersion, kind } = object;
  const models = (await MODELS[apiVersion]?.()) as Readonly<Record<string, Model>> | undefined;
  const model = models?.[kind];
  if (model === undefined) return [`${apiVersion} has no ${kind}, or it is not listed here`];
  const looks: Look[] = [];
  const problems: string[] = [];
  try {
    model.prototype.validate.call(watched(object, '', looks));
  } catch (error) {
    if (!(error instanceof Error && Array.isArray((error as { errors?: unknown }).errors))) throw error;
    problems.push(...(error as unknown as { errors: ErrorObject[] }).errors.map(problemOf));
  }
  const unknown = looks.flatMap(({ path, value, seen }) =>
    Object.keys(value)
      .filter((key) => !seen.has(key) && !LOST.includes(`${kind}${path}/${key}`))
      .map((key) => `${path}/${key} is no field`),
  );
  return [...problems, ...unknown];
}

/** Fields that the models lack and Kubernetes has. */
const LOST = ['PriorityClass/description'];

interface Look {
  readonly path: string;
  readonly value: object;
  readonly seen: ReadonlySet<string | symbol>;
}

/** A view of a value that takes down which of its fields are read. */
function watched<T>(value: T, path: string, looks: Look[]): T {
  if (typeof value !== 'object' || value === null) return value;
  const seen = new Set<string | symbol>();
  const views = new Map<string | symbol, unknown>();
  if (!Array.isArray(value)) looks.push({ path, value, seen });
  return new Proxy(value, {
    get(target, key) {
      seen.add(key);
      if (!views.has(key)) views.set(key, watched(Reflect.get(target, key), `${path}/${String(key)}`, looks));
      return views.get(key);
    },
  });
}

// Custom resource definitions

type Schema = { [keyword: string]: unknown };

const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
const definitions = new Map<string, ValidateFunction>();

function definitionProblems(object: KubernetesObject): readonly string[] {
  const validate = definitionOf(object);
  return validate(object) ? [] : (validate.errors ?? []).map(problemOf);
}

function definitionOf({ apiVersion, kind }: KubernetesObject): ValidateFunction {
  const id = `${apiVersion}/${kind}`;
  const known = definitions.get(id);
  if (known !== undefined) return known;
  const file = join(TOOLS.strimziCrds.folder, `${kind.toLowerCase()}s.json`);
  const { spec } = JSON.parse(readFileSync(file, 'utf8'));
  const version = spec.versions.find(({ name }: { name: string }) => apiVersion === `${spec.group}/${name}`);
  if (version === undefined) throw new Error(`${file} has no ${apiVersion}`);
  const { properties, ...schema } = closed(version.schema.openAPIV3Schema);
  const validate = ajv.compile({ ...schema, properties: { ...(properties as Schema), metadata: {} } });
  definitions.set(id, validate);
  return validate;
}

/** A structural schema as JSON Schema that refuses the fields which the API server would prune. */
function closed(schema: Schema): Schema {
  if (schema['x-kubernetes-int-or-string'] === true) return { type: ['integer', 'string'] };
  const result = { ...schema };
  if (schema.items !== undefined) result.items = closed(schema.items as Schema);
  if (typeof schema.additionalProperties === 'object') {
    result.additionalProperties = closed(schema.additionalProperties as Schema);
  } else if (schema.type === 'object' && schema['x-kubernetes-preserve-unknown-fields'] !== true) {
    result.additionalProperties = false;
  }
  // Not those in oneOf, anyOf, allOf and not: they choose among the fields, and name only the ones they are about.
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>);
  result.properties = Object.fromEntries(properties.map(([name, property]) => [name, closed(property)]));
  return result;
}

function problemOf({ instancePath, message = '', params, keyword }: ErrorObject): string {
  const detail = keyword === 'additionalProperties' ? `/${params.additionalProperty} is no field` : ` ${message}`;
  return `${instancePath}${detail}`;
}
