/** What does a plugin write to its standard streams, line by line? Cut where it is long, and read on whatever comes. */
import type { Readable } from 'node:stream';

const longestLine = 2000;

export function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  let open = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (text: string) => {
    const lines = (open + text).split('\n');
    open = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) if (line.trim() !== '') onLine(line.slice(0, longestLine));
  });
  stream?.on('end', () => {
    if (open.trim() !== '') onLine(open);
  });
  // A pipe that breaks when its process is killed.
  stream?.on('error', () => {});
}
