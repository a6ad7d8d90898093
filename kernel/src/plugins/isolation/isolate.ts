/** What is an isolate to its keeper? Something that runs one plugin's code, takes messages, and ends, by itself or when it is told to. */
import type { MessagePort } from 'node:worker_threads';
import type { Message } from './peer.ts';

/** Why an isolate is no more. */
export interface End {
  /** `its process ended with code 1`, `its thread used all of its memory`. */
  readonly reason: string;
  /** What it wrote last to standard error; empty when that was nothing. */
  readonly lastWords: string;
}

export interface Isolate {
  send(messages: readonly Message[]): void;
  /** Resident bytes; null where only the isolate itself can tell. */
  readResident(): number | null;
  /** At once, whatever it is doing; resolves once it is gone. */
  kill(): Promise<void>;
}

export interface IsolateSpec {
  readonly plugin: string;
  readonly memoryMb: number;
  /** Database reads of a thread go through this port; null: it opens a connection of its own. */
  readonly reads: { readonly port: MessagePort; readonly signal: SharedArrayBuffer } | null;
  onMessages(messages: readonly Message[]): void;
  /** Once. */
  onEnd(end: End): void;
  /** A line that the plugin wrote to its standard output or standard error. */
  onLine(stream: 'stdout' | 'stderr', line: string): void;
}

/** The file of an isolate's code: a source file while the kernel itself runs from source. */
export function entryFile(name: string): URL {
  return new URL(`./inside/${name}.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
}
