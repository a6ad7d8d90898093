import { expect, test } from 'vitest';
import { createLifecycle } from './lifecycle.ts';

function create(stepLimitMs = 50) {
  const problems: string[] = [];
  const lifecycle = createLifecycle({
    stepLimitMs,
    onProblem: (name, problem) => problems.push(`${name}: ${problem}`),
  });
  return { lifecycle, problems };
}

test('parts stop in reverse, one behind the other', async () => {
  const { lifecycle, problems } = create();
  const steps: string[] = [];
  for (const name of ['store', 'http', 'plugins'])
    lifecycle.onStop(name, async () => {
      steps.push(`${name} begins`);
      await Promise.resolve();
      steps.push(`${name} ends`);
    });
  await lifecycle.stop();
  expect(steps).toEqual(['plugins', 'http', 'store'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  await lifecycle.stop();
  expect(steps).toHaveLength(6);
  expect(problems).toEqual([]);
});

test('a part that fails or hangs is told and does not keep the rest from stopping', async () => {
  const { lifecycle, problems } = create();
  let stopped = false;
  lifecycle.onStop('store', () => void (stopped = true));
  lifecycle.onStop('hangs', () => new Promise(() => undefined));
  lifecycle.onStop('throws', () => {
    throw new Error('no');
  });
  lifecycle.onStop('rejects', () => Promise.reject(new Error('never')));
  await lifecycle.stop();
  expect(stopped).toBe(true);
  expect(problems).toEqual(['rejects: never', 'throws: no', 'hangs: did not stop within 50 ms']);
});

test('a second stop meanwhile resolves with the first, and takes what has started since', async () => {
  const { lifecycle } = create(5000);
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const steps: string[] = [];
  lifecycle.onStop('slow', async () => {
    begun.resolve();
    await gate.promise;
    steps.push('slow');
  });
  const first = lifecycle.stop();
  const second = lifecycle.stop().then(() => steps.push('second resolved'));
  await begun.promise;
  lifecycle.onStop('late', () => void steps.push('late'));
  gate.resolve();
  await Promise.all([first, second]);
  expect(steps).toEqual(['slow', 'late', 'second resolved']);
});
