/** Does anything listen where a stream should come from? */
import { connect } from 'node:net';

const defaultPorts: Readonly<Record<string, number>> = {
  'rtsp:': 554,
  'rtsps:': 322,
  'http:': 80,
  'https:': 443,
};

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
