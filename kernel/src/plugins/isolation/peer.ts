/** How do two sides that only pass messages ask each other for things? Requests with a number, answers in any order, notes without one. */
import { createOutbox } from './outbox.ts';
import { packError, unpackError, type WireError } from './wire-error.ts';

export type Message =
  | { readonly ask: number; readonly op: string; readonly input: unknown }
  | { readonly to: number; readonly output: unknown }
  | { readonly to: number; readonly error: WireError }
  | { readonly cancel: number; readonly reason: string }
  | { readonly note: string; readonly input: unknown };

export interface Peer<Asked extends object, Told extends object> {
  /** Rejects with the other side's error, with what `fail` was given, or with the reason of the signal, which is passed on. */
  ask<Op extends keyof Asked & string>(
    op: Op,
    input: InputOf<Asked, Op>,
    signal?: AbortSignal,
  ): Promise<OutputOf<Asked, Op>>;
  tell<Name extends keyof Told & string>(note: Name, input: Told[Name]): void;
  receive(messages: readonly Message[]): void;
  /** The other side is gone: everything that waits for it is rejected. */
  fail(error: Error): void;
}

type InputOf<Asked, Op extends keyof Asked> = Asked[Op] extends [infer Input, unknown] ? Input : never;
type OutputOf<Asked, Op extends keyof Asked> = Asked[Op] extends [unknown, infer Output] ? Output : never;

/** What one side does for the other; `signal` is aborted when the answer is not wanted any more. */
export type Serving<Served extends object> = {
  readonly [Op in keyof Served]: (
    input: InputOf<Served, Op>,
    signal: AbortSignal,
  ) => OutputOf<Served, Op> | Promise<OutputOf<Served, Op>>;
};

export type Noting<Heard extends object> = { readonly [Name in keyof Heard]: (input: Heard[Name]) => void };

type Serve = (input: unknown, signal: AbortSignal) => unknown;

export function createPeer<
  Asked extends object,
  Told extends object,
  Served extends object,
  Heard extends object,
>(options: {
  /** Throws for what can't cross. */
  send(messages: readonly Message[]): void;
  serve: Serving<Served>;
  notes: Noting<Heard>;
}): Peer<Asked, Told> {
  const serve = options.serve as Readonly<Record<string, Serve | undefined>>;
  const notes = options.notes as Readonly<Record<string, ((input: unknown) => void) | undefined>>;
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  const serving = new Map<number, AbortController>();
  let last = 0;
  let failed: Error | null = null;

  const post = createOutbox(options.send, (message, error) => {
    if ('ask' in message) settle({ to: message.ask, error: packError(notPlain(error)) });
    else if ('output' in message) post({ to: message.to, error: packError(notPlain(error)) });
  });
  const answer = (to: number, output: unknown) => {
    serving.delete(to);
    post({ to, output });
  };
  const refuse = (to: number, error: unknown) => {
    serving.delete(to);
    post({ to, error: packError(error) });
  };
  const serveOne = (to: number, op: string, input: unknown) => {
    const abort = new AbortController();
    serving.set(to, abort);
    try {
      const run = serve[op];
      if (run === undefined) throw new Error(`nobody serves '${op}'`);
      const output = run(input, abort.signal);
      if (output instanceof Promise)
        output.then(
          (value) => answer(to, value),
          (error: unknown) => refuse(to, error),
        );
      else answer(to, output);
    } catch (error) {
      refuse(to, error);
    }
  };
  const settle = (message: Extract<Message, { to: number }>) => {
    const waiter = waiting.get(message.to);
    waiting.delete(message.to);
    if ('error' in message) waiter?.reject(unpackError(message.error));
    else waiter?.resolve(message.output);
  };

  const receiveOne = (message: Message) => {
    if ('ask' in message) serveOne(message.ask, message.op, message.input);
    else if ('to' in message) settle(message);
    else if ('cancel' in message) serving.get(message.cancel)?.abort(new Error(message.reason));
    else notes[message.note]?.(message.input);
  };

  return {
    ask(op, input, signal) {
      if (failed !== null) return Promise.reject(failed);
      const ask = (last += 1);
      return new Promise((resolve, reject) => {
        const cancel = () => {
          const reason = signal?.reason instanceof Error ? signal.reason : new Error('the call was given up');
          waiting.get(ask)?.reject(reason);
          waiting.delete(ask);
          post({ cancel: ask, reason: reason.message });
        };
        const done = () => signal?.removeEventListener('abort', cancel);
        waiting.set(ask, {
          resolve: (value) => (done(), resolve(value as never)),
          reject: (error) => (done(), reject(error)),
        });
        post({ ask, op, input });
        if (signal?.aborted === true) cancel();
        else signal?.addEventListener('abort', cancel, { once: true });
      });
    },
    tell: (note, input) => post({ note, input }),
    receive(messages) {
      for (const message of messages) receiveOne(message);
    },
    fail(error) {
      failed = error;
      const all = [...waiting.values()];
      waiting.clear();
      for (const { reject } of all) reject(error);
    },
  };
}

function notPlain(error: unknown): unknown {
  if ((error as { name?: unknown } | null)?.name !== 'DataCloneError') return error;
  return new Error(
    `${(error as Error).message}; between a plugin's isolate and the kernel only plain data can pass: no functions, streams or instances`,
    { cause: error },
  );
}
