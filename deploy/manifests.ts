/** YAML of several documents, as helm prints it, to objects. */
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from './objects.ts';

/** @param namespace that of the release: an object without one of its own is there */
export function parseManifest(text: string, namespace: string): readonly KubeObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const object = document.toJS() as KubeObject | null;
    if (object === null || object?.kind === undefined) return [];
    return [{ ...object, metadata: { namespace, ...object.metadata } }];
  });
}
