import { expect, it } from 'vitest';
import { createInOrder } from './in-order.ts';

it('does work of one name in order, of others meanwhile, and goes on after a failure', async () => {
  const done: string[] = [];
  const failed: string[] = [];
  const order = createInOrder((name, error) => failed.push(`${name}: ${(error as Error).message}`));
  const gate = Promise.withResolvers<void>();
  void order.run('a', async () => {
    await gate.promise;
    done.push('a1');
    throw new Error('no');
  });
  const last = order.run('a', async () => void done.push('a2'));
  await order.run('b', async () => void done.push('b1'));
  expect(done).toEqual(['b1']);
  gate.resolve();
  await order.settled();
  await last;
  expect(done).toEqual(['b1', 'a1', 'a2']);
  expect(failed).toEqual(['a: no']);
});
