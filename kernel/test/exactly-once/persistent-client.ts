/** How does a client reach a kernel that keeps dying? It asks again until it gets an answer that is one. */
import { setTimeout } from 'node:timers/promises';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Tries that got no answer, or one that asks to come again. */
  readonly retries: number;
}

export interface PersistentClient {
  /** Where the kernel serves now; null: nowhere. */
  url: string | null;
  /** Resolves with the first answer that is neither `busy` nor `unavailable` nor one in `again`; rejects after the deadline. */
  send(method: string, path: string, body: unknown, again?: readonly number[]): Promise<Answer>;
  /** No kernel will come back: all that waits for an answer is rejected. */
  giveUp(): void;
}

const pauseMs = 20;
const answerMs = 10_000;
const deadlineMs = 120_000;

export function createPersistentClient(): PersistentClient {
  let hopeless = false;
  const client: PersistentClient = {
    url: null,
    giveUp() {
      hopeless = true;
    },
    async send(method, path, body, again = []) {
      const text = JSON.stringify(body);
      const deadline = performance.now() + deadlineMs;
      for (let retries = 0; ; retries += 1) {
        const answer = client.url === null ? null : await tryOnce(`${client.url}${path}`, method, text);
        if (answer !== null && answer.status < 500 && answer.status !== 429 && !again.includes(answer.status))
          return { ...answer, retries };
        if (hopeless || performance.now() > deadline)
          throw new Error(
            `${method} ${path}: no answer within ${deadlineMs} ms; the last: ${answer?.status ?? 'none'}`,
          );
        await setTimeout(pauseMs);
      }
    },
  };
  return client;
}

/** Null when the connection broke, whatever became of the request. */
async function tryOnce(url: string, method: string, body: string): Promise<Omit<Answer, 'retries'> | null> {
  try {
    const response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(answerMs),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
  } catch (error) {
    if (error instanceof TypeError || error instanceof DOMException) return null;
    throw error;
  }
}
