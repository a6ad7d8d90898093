/** What a process said last: masked line by line before it is kept, bounded in bytes. */

export interface StderrTail {
  push(chunk: string): void;
  /** The last lines, at most `maxBytes`. */
  text(): string;
}

const longestLine = 4096;

/** `mask` sees whole lines, so that no secret escapes by being cut in two. `onLine` gets each, masked, as it comes. */
export function createStderrTail(
  mask: (text: string) => string,
  maxBytes = 8192,
  onLine: (line: string) => void = () => {},
): StderrTail {
  const lines: string[] = [];
  let sizeBytes = 0;
  let rest = '';

  const keep = (line: string) => {
    const masked = mask(line.slice(0, longestLine)).trimEnd();
    if (masked === '') return;
    onLine(masked);
    lines.push(masked);
    sizeBytes += Buffer.byteLength(masked) + 1;
    while (sizeBytes > maxBytes && lines.length > 1) sizeBytes -= Buffer.byteLength(lines.shift() ?? '') + 1;
  };

  return {
    push(chunk) {
      const parts = (rest + chunk).split(/\r\n|\n|\r/);
      rest = parts.pop() ?? '';
      for (const line of parts) keep(line);
      // What follows in this line is dropped with it.
      if (rest.length > longestLine) rest = rest.slice(0, longestLine);
    },
    text() {
      const last = mask(rest.slice(0, longestLine)).trimEnd();
      return [...lines, ...(last === '' ? [] : [last])].join('\n').slice(-maxBytes);
    },
  };
}
