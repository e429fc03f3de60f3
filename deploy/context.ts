/** Which cluster is worked on. Nobody deploys to production by accident: a context that is not of kind has to be named or confirmed. */
import { KubeConfig } from '@kubernetes/client-node';
import { messageOf, PipelineError } from '#runtime/errors.ts';

export interface Contexts {
  readonly current: string | undefined;
  readonly all: readonly string[];
}

/** The client's name for a server of its own guess, where there is no kubeconfig. */
const GUESSED = 'loaded-context';

export function contexts(): Contexts {
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
  } catch (error) {
    throw refused(`the kubeconfig cannot be read: ${messageOf(error)}`);
  }
  const all = config.getContexts().flatMap(({ name }) => (name === GUESSED ? [] : [name]));
  return { current: all.find((name) => name === config.getCurrentContext()), all };
}

/** @param confirm asks the person at the terminal; `undefined` where nobody is there */
export async function chooseContext(
  { current, all }: Contexts,
  wanted: string | undefined,
  confirm: ((question: string) => Promise<string>) | undefined,
): Promise<string> {
  const known = all.length === 0 ? 'there is none' : `there are: ${all.join(', ')}`;
  if (wanted !== undefined) {
    if (all.includes(wanted)) return wanted;
    throw refused(`CONTEXT=${wanted}: the kubeconfig has no such context; ${known}`);
  }
  if (current === undefined) {
    throw refused(
      `the kubeconfig has no current context; ${known}. \`make kind-up\` creates a cluster, CONTEXT=name chooses one`,
    );
  }
  if (current.startsWith('kind-')) return current;
  const how = `say CONTEXT=${current} if that is what you mean`;
  if (confirm === undefined) throw refused(`the current context is ${current}, which is not of kind: ${how}`);
  const answer = await confirm(`The current context is ${current}, which is not of kind. Type its name to go on: `);
  if (answer.trim() !== current) throw refused(`not confirmed; ${how}`);
  return current;
}

const refused = (message: string): PipelineError => new PipelineError('CONFIG', message);
