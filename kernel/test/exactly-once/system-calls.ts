/** What did a traced kernel ask of the system, in which order; and was a batch synced between its arrival and its answer? */

export interface SystemCall {
  readonly thread: string;
  readonly name: string;
  /** What the first argument stands for: a path, `socket:[…]`. */
  readonly target: string;
  /** All arguments and the result, as strace prints them. */
  readonly text: string;
  /** Line of the trace. */
  readonly begun: number;
  readonly ended: number;
}

/** Null: nothing wrong. */
export interface Verdict {
  readonly key: string;
  readonly problem: string | null;
}

/** The output of `strace -f -y -o`; calls in the order of their ends. */
export function readTrace(trace: string): SystemCall[] {
  const calls: SystemCall[] = [];
  const unfinished = new Map<string, { text: string; begun: number }>();
  for (const [line, whole] of trace.split('\n').entries()) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(whole) ?? [];
    const began = /^(.*) ?<unfinished \.\.\.>$/.exec(rest)?.[1];
    if (began !== undefined) {
      unfinished.set(thread, { text: began, begun: line });
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)?.[1];
    const start = resumed === undefined ? undefined : unfinished.get(thread);
    const text = `${start?.text ?? ''}${resumed ?? rest}`;
    const [, name, target] = /^(\w+)\(\d+<([^>]*)>/.exec(text) ?? [];
    if (name !== undefined && target !== undefined)
      calls.push({ thread, name, target, text, begun: start?.begun ?? line, ended: line });
  }
  return calls;
}

/**
 * Between the request that holds `key` and the answer on its connection, the thread that wrote it to the write-ahead log must have written
 * the commit's last frame, begun a sync of the log after that, and seen it succeed.
 */
export function judgeAnswer(calls: readonly SystemCall[], key: string): Verdict {
  const wrong = (problem: string): Verdict => ({ key, problem });
  const request = calls.find(
    ({ name, target, text }) => name === 'read' && isSocket(target) && text.includes(key),
  );
  if (request === undefined) return wrong('the request is not in the trace');
  const answer = calls.find(
    ({ name, target, text, begun }) =>
      /^writev?$/.test(name) &&
      target === request.target &&
      begun > request.ended &&
      text.includes('HTTP/1.1 '),
  );
  if (answer === undefined) return wrong('the answer is not in the trace');
  if (!/"HTTP\/1\.1 2\d\d /.test(answer.text))
    return wrong(`the answer is no 2xx: ${answer.text.slice(0, 80)}`);
  const written = calls.find(
    ({ name, target, text, begun }) =>
      name === 'pwrite64' && isLog(target) && begun > request.ended && text.includes(key),
  );
  if (written === undefined || written.ended > answer.begun)
    return wrong('answered before it was written to the log');
  const own = calls.filter(
    ({ thread, target, begun }) => thread === written.thread && isLog(target) && begun >= written.begun,
  );
  // The header of a frame precedes its page, so that of the page with the key may be the last before it.
  const before = calls.filter(
    ({ thread, target, ended }) => thread === written.thread && isLog(target) && ended < written.begun,
  );
  const commit = [...before.slice(-1), ...own].find(isCommitFrame);
  if (commit === undefined || commit.ended > answer.begun)
    return wrong('answered before its commit was written to the log');
  const page = own.find(({ name, begun }) => name === 'pwrite64' && begun > commit.ended);
  const sync = own.find(
    ({ name, begun }) => /^(fsync|fdatasync)$/.test(name) && begun > (page?.ended ?? Infinity),
  );
  if (sync === undefined || sync.ended > answer.begun) return wrong('answered before the log was synced');
  return sync.text.endsWith(' = 0') ? { key, problem: null } : wrong(`the sync failed: ${sync.text}`);
}

const isSocket = (target: string) => /^(socket|TCP)/.test(target);
const isLog = (target: string) => target.endsWith('-wal');

/** A frame's header has 24 bytes; bytes 5 to 8 hold the size of the database, not 0 only in the last frame of a commit. */
function isCommitFrame({ name, text }: SystemCall): boolean {
  const quoted = /"(.*)", 24, \d+ *\) += 24$/.exec(text)?.[1];
  if (name !== 'pwrite64' || quoted === undefined) return false;
  return unescape(quoted).slice(4, 8) !== '\0\0\0\0';
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', v: '\v', f: '\f' };

function unescape(text: string): string {
  return text.replace(/\\([0-7]{1,3}|.)/g, (_, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : (escapes[code] ?? code),
  );
}
