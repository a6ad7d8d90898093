/** Where log lines go: readable when somebody looks on, JSON when a program does. */
import { pino, type DestinationStream } from 'pino';
import pinoPretty from 'pino-pretty';

/** Standard error, written at once, so that the last lines before a crash are there. */
export function pretty(): DestinationStream {
  if (!process.stderr.isTTY) return pino.destination({ dest: 2, sync: true });
  return pinoPretty({
    destination: 2,
    sync: true,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
    singleLine: true,
  });
}
