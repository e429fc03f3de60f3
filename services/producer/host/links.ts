/**
 * Symbolic links below the host's root. To open a path with an absolute link in it would lead out of that root and into the
 * container's files: /etc/localtime is nearly always such a link.
 */
import type { Host } from './proc.ts';

/** As many as the kernel follows (path_resolution(7)). */
const MOST_LINKS = 40;

/** The path that a path ends at when the links at its end are followed; itself if it is none, or they go in a circle. */
export function followLinks(host: Host, path: string): string {
  let found = path;
  for (let i = 0; i < MOST_LINKS; i++) {
    const target = host.link(found);
    if (target === undefined) return found;
    found = resolve(target.startsWith('/') ? [] : found.split('/').slice(0, -1), target);
  }
  return path;
}

/** `..` at the root is the root, so this never leaves it. */
function resolve(directory: readonly string[], target: string): string {
  const parts = [...directory];
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
