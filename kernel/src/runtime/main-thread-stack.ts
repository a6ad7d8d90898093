/** Where does the main thread stand, although it does not come back to its event loop? Asked from another thread, through the engine's debugger. */
import { Session, type Debugger } from 'node:inspector';
import { pathOf, type CodePlace } from './stack-places.ts';

/** The innermost place first; none when the thread is in native code and does not answer in time. It stays paused: for a process that is about to end. */
export function stackOfMainThread(withinMs: number): Promise<CodePlace[]> {
  const session = new Session();
  const files = new Map<string, string>();
  return new Promise((resolve) => {
    const giveUp = setTimeout(() => resolve([]), withinMs);
    session.on('Debugger.scriptParsed', ({ params: { scriptId, url } }) => void files.set(scriptId, url));
    session.on('Debugger.paused', ({ params: { callFrames } }) => {
      clearTimeout(giveUp);
      resolve(callFrames.flatMap((frame) => placeOf(frame, files)));
    });
    try {
      session.connectToMainThread();
      session.post('Debugger.enable');
      session.post('Debugger.pause');
    } catch {
      // An engine without a debugger: the mark of what runs has to do.
      clearTimeout(giveUp);
      resolve([]);
    }
  });
}

function placeOf(frame: Debugger.CallFrame, files: ReadonlyMap<string, string>): CodePlace[] {
  const { scriptId, lineNumber, columnNumber } = frame.location;
  const url = frame.url === '' ? (files.get(scriptId) ?? '') : frame.url;
  if (url === '' || url.startsWith('node:')) return [];
  return [{ file: pathOf(url), line: lineNumber + 1, column: (columnNumber ?? 0) + 1 }];
}
