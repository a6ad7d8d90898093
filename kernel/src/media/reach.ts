/** Is it worth asking a camera again at once? */
import { connect } from 'node:net';
import type { AttemptEnd } from '../runtime/supervise.ts';

const defaultPorts: Readonly<Record<string, number>> = {
  'rtsp:': 554,
  'rtsps:': 322,
  'http:': 80,
  'https:': 443,
};

const reachTimeoutMs = 1000;

/**
 * `answers` after an attempt that delivered, or when something listens there. One that is gone is looked for while it is waited
 * for. A camera that refuses the credentials is not asked every second: it may lock the account.
 */
export async function retryOf(
  url: string,
  hasDelivered: boolean,
  detail: string,
): Promise<Pick<AttemptEnd, 'next' | 'isBack'>> {
  if (hasDelivered) return { next: 'answers' };
  if (/\b(?:401|403)\b|unauthorized|forbidden/i.test(detail)) return { next: 'silent' };
  const isBack = () => hostAnswers(url, reachTimeoutMs);
  return (await isBack()) ? { next: 'answers' } : { next: 'silent', isBack };
}

/** True when a TCP connection to the URL's host and port succeeds in time. */
export function hostAnswers(url: string, timeoutMs: number): Promise<boolean> {
  const parsed = URL.parse(url);
  const port =
    parsed === null ? undefined : parsed.port === '' ? defaultPorts[parsed.protocol] : Number(parsed.port);
  if (parsed === null || port === undefined || parsed.hostname === '') return Promise.resolve(false);
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs });
    const end = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
