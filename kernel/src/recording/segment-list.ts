/** Which files has ffmpeg closed? Read from the list it writes to its standard output, line by line. */

export interface ListedSegment {
  /** Base name. */
  readonly file: string;
  /** Media time since the start of the run, s. The start of a run's first segment is not reliable. */
  readonly endSeconds: number;
}

export interface SegmentListReader {
  push(chunk: Buffer | string): ListedSegment[];
}

/** A line longer than this is none of the list. */
const longestLine = 4096;

export function createSegmentListReader(): SegmentListReader {
  let rest = '';
  return {
    push(chunk) {
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = (lines.pop() ?? '').slice(0, longestLine);
      return lines.flatMap(parseLine);
    },
  };
}

/** `file,start,end` in seconds. */
function parseLine(line: string): ListedSegment[] {
  const [, file, end] = /^"?([^",/]+)"?,-?[\d.]+,(-?[\d.]+)\s*$/.exec(line) ?? [];
  const endSeconds = Number(end);
  return file === undefined || Number.isNaN(endSeconds) ? [] : [{ file, endSeconds }];
}
