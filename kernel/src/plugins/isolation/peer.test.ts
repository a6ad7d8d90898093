import { conflict, isPluginError } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { HeldarError } from '../../errors.ts';
import { isInterrupted, interrupted } from './interrupted.ts';
import { createPeer, type Message, type Peer } from './peer.ts';

interface Operations {
  echo: [unknown, unknown];
  fail: ['kernel' | 'plugin' | 'other', never];
  wait: [null, string];
}
type Nothing = Record<never, never>;

function connect() {
  const heard: string[] = [];
  const crossings: number[] = [];
  const cross =
    (to: () => { receive(messages: readonly Message[]): void }) => (messages: readonly Message[]) => {
      const copy = structuredClone(messages);
      crossings.push(copy.length);
      setImmediate(() => to().receive(copy));
    };
  const asker: Peer<Operations, { said: string }> = createPeer<
    Operations,
    { said: string },
    Nothing,
    Nothing
  >({
    send: cross(() => server),
    serve: {},
    notes: {},
  });
  const server: Peer<Nothing, Nothing> = createPeer<Nothing, Nothing, Operations, { said: string }>({
    send: cross(() => asker),
    notes: { said: (text) => void heard.push(text) },
    serve: {
      echo: (value) => (value === 'a function' ? () => value : value),
      fail(kind) {
        if (kind === 'kernel')
          throw new HeldarError('not_found', 'no such thing', { details: { next: 'look' } });
        if (kind === 'plugin') throw conflict('taken');
        throw Object.assign(new TypeError('a bug'), {
          stack: 'TypeError: a bug\n    at /plugin/index.ts:3:1',
        });
      },
      wait: (_, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error)),
        ),
    },
  });
  return { asker, heard, crossings };
}

test('answers find who asked, in any order; notes need none; those of one turn cross together', async () => {
  const { asker, heard, crossings } = connect();
  asker.tell('said', 'hello');
  expect(
    await Promise.all([1n, 'two', new Uint8Array([3])].map((value) => asker.ask('echo', value))),
  ).toEqual([1n, 'two', new Uint8Array([3])]);
  expect(heard).toEqual(['hello']);
  expect(crossings).toEqual([4, 3]);
});

test('an error keeps its kind, its code and the stack of the other side', async () => {
  const { asker } = connect();
  await expect(asker.ask('fail', 'kernel')).rejects.toMatchObject({
    code: 'not_found',
    details: { next: 'look' },
  });
  const refused: unknown = await asker.ask('fail', 'plugin').catch((error: unknown) => error);
  expect(isPluginError(refused)).toBe(true);
  await expect(asker.ask('fail', 'other')).rejects.toMatchObject({
    name: 'TypeError',
    message: 'a bug',
    stack: expect.stringContaining('/plugin/index.ts:3:1'),
  });
});

test('what is no data is told as that, on its way there and back, and takes nothing else with it', async () => {
  const { asker } = connect();
  const [there, back, fine] = await Promise.allSettled([
    asker.ask('echo', () => 1),
    asker.ask('echo', 'a function'),
    asker.ask('echo', 'fine'),
  ]);
  expect(there).toMatchObject({ reason: { message: expect.stringContaining('only plain data can pass') } });
  expect(back).toMatchObject({ reason: { message: expect.stringContaining('only plain data can pass') } });
  expect(fine).toMatchObject({ value: 'fine' });
});

test('a call that is given up is rejected at once; when the other side is gone all are', async () => {
  const { asker } = connect();
  const abort = new AbortController();
  const waiting = asker.ask('wait', null, abort.signal);
  abort.abort(new Error('nobody waits'));
  await expect(waiting).rejects.toThrow('nobody waits');
  const lost = asker.ask('wait', null);
  const gone = interrupted('parking', 'its process ended');
  asker.fail(gone);
  await expect(lost).rejects.toBe(gone);
  await expect(asker.ask('echo', 1)).rejects.toBe(gone);
  expect([gone, new Error('other')].map(isInterrupted)).toEqual([true, false]);
});
