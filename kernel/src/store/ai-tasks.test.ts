import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { listRunnableTasks, listTasks, readTask } from './task-queries.ts';

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore({ cameras: ['gate', 'yard'] });
});
afterEach(() => test.close());

const columns = {
  taskType: 'motion',
  enabled: true,
  streamProfile: 'sub' as const,
  fps: 5,
  width: 640,
  config: { threshold: 3 },
};

it('a task is created, changed where asked, and deleted', async () => {
  await test.store.write('tasks.create', { id: 'ai_1', cameraId: 'gate', columns });
  expect(listTasks(test.store.read, 'gate')).toMatchObject([{ id: 'ai_1', config: { threshold: 3 } }]);
  await test.store.write('tasks.update', { id: 'ai_1', columns: { fps: 2, enabled: false } });
  expect(readTask(test.store.read, 'ai_1')).toMatchObject({
    fps: 2,
    enabled: false,
    taskType: 'motion',
    width: 640,
  });
  expect(listRunnableTasks(test.store.read)).toEqual([]);
  await test.store.write('tasks.delete', { id: 'ai_1' });
  expect(readTask(test.store.read, 'ai_1')).toBeUndefined();
});

it('runnable tasks come by camera id', async () => {
  for (const [id, cameraId] of [
    ['ai_1', 'yard'],
    ['ai_2', 'gate'],
    ['ai_3', 'yard'],
  ] as const)
    await test.store.write('tasks.create', { id, cameraId, columns });
  expect(listRunnableTasks(test.store.read).map(({ id }) => id)).toEqual(['ai_2', 'ai_1', 'ai_3']);
});

it('says what is missing', async () => {
  const cameraId = 'none';
  await expect(test.store.write('tasks.create', { id: 'x', cameraId, columns })).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(test.store.write('tasks.update', { id: 'x', columns })).rejects.toMatchObject({
    code: 'not_found',
  });
  await expect(test.store.write('tasks.delete', { id: 'x' })).rejects.toMatchObject({ code: 'not_found' });
});
