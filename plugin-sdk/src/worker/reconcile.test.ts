import { describe, expect, it } from 'vitest';
import type { WorkerTask } from './analyser.ts';
import { fingerprint, planChanges } from './reconcile.ts';

const task: WorkerTask = {
  id: 'ai_1',
  cameraId: 'gate',
  taskType: 'people',
  streamProfile: 'sub',
  fps: 5,
  width: 640,
  config: { a: { x: 1, y: [1, 2] }, b: null },
  frameUrl: '/f',
};

describe('what a loop runs', () => {
  const changes: [string, Partial<WorkerTask>][] = [
    ['type', { taskType: 'anpr' }],
    ['profile', { streamProfile: 'main' }],
    ['rate', { fps: 5.0001 }],
    ['width', { width: 641 }],
    ['frame address', { frameUrl: '/g' }],
    ['config', { config: { a: { x: 1, y: [2, 1] }, b: null } }],
    ['shape of the config', { config: { a: [['x', 1]], b: null } }],
  ];

  it.each(changes)('differs by its %s', (_, change) => {
    expect(fingerprint({ ...task, ...change })).not.toBe(fingerprint(task));
  });

  it('is the same for a rate that differs past four decimals and for members in another order', () => {
    const config = { b: null, a: { y: [1, 2], x: 1 } };
    expect(fingerprint({ ...task, fps: 5.000_04, config })).toBe(fingerprint(task));
  });
});

describe('the changes to the running loops', () => {
  const other = { ...task, id: 'ai_2' };

  it('stop what vanished or changed and start what is new or changed', () => {
    const running = new Map([
      ['ai_0', fingerprint(task)],
      ['ai_1', fingerprint(task)],
      ['ai_2', fingerprint({ ...other, width: 320 })],
    ]);
    const fresh = { ...task, id: 'ai_3' };
    expect(planChanges(running, [task, other, fresh])).toEqual({
      stop: ['ai_0', 'ai_2'],
      start: [other, fresh],
    });
  });
});
