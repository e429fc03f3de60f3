/** One request to one Alertmanager, and what came of it. */
import { messageOf } from '#runtime/errors.ts';
import type { HttpServer } from '#runtime/settings.ts';
import type { PostableAlert } from './postable-alert.ts';

export type Answer =
  | { readonly is: 'taken' }
  /** It will not take these alerts, or not from us; those that are as it wants them it has taken all the same. */
  | { readonly is: 'refused'; readonly why: string }
  /** The same request may succeed later. */
  | { readonly is: 'failed'; readonly why: string };

/** So much of an answer is read. */
const MAX_ANSWER = 500;

/** Never rejects. @param signal gives the request up. */
export async function post(
  { url, authorization }: HttpServer,
  alerts: readonly PostableAlert[],
  signal: AbortSignal,
): Promise<Answer> {
  try {
    const response = await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
      body: JSON.stringify(alerts),
      // Followed, a redirection becomes a GET, whose answer says nothing about alerts.
      redirect: 'manual',
      signal,
    });
    const text = await beginningOf(response);
    if (response.ok) return { is: 'taken' };
    const { status } = response;
    const later = status >= 500 || status === 408 || status === 429;
    return { is: later ? 'failed' : 'refused', why: `HTTP ${status}${text === '' ? '' : `: ${text}`}` };
  } catch (error) {
    return { is: 'failed', why: reasonOf(error) };
  }
}

async function beginningOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  // To leave the loop cancels the rest.
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= MAX_ANSWER) break;
  }
  return text.slice(0, MAX_ANSWER).trim();
}

/** fetch says "fetch failed"; what has failed is the cause. Of several addresses each has its own, and the whole has a code alone. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return messageOf(cause) || String((cause as NodeJS.ErrnoException).code);
}
