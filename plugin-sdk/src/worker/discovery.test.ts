import { describe, expect, it } from 'vitest';
import { readDiscovery, readTask } from './discovery.ts';

const least = { id: 'ai_1', camera_id: 'gate', task_type: 'people', frame_url: '/f?profile=sub' };

function list(entries: unknown) {
  const body = new TextEncoder().encode(JSON.stringify(entries));
  return readDiscovery({ kind: 'answer', status: 200, headers: new Headers(), body });
}

describe('an entry of the task list', () => {
  it('needs an id, a camera, a type and an address, and gets defaults for the rest', () => {
    expect(readTask(least)).toEqual({
      id: 'ai_1',
      cameraId: 'gate',
      taskType: 'people',
      frameUrl: '/f?profile=sub',
      streamProfile: 'sub',
      fps: 5,
      width: 1280,
      config: {},
    });
    for (const name of Object.keys(least)) expect(readTask({ ...least, [name]: undefined })).toBeNull();
  });

  it.each([null, [], 'text', 3])('takes %j for an empty config', (config) => {
    expect(readTask({ ...least, config })?.config).toEqual({});
  });

  it.each(['f', 'https://x/f', '/a/../f', '/http://x', ''])(
    'is left out with the address %j',
    (frame_url) => {
      expect(readTask({ ...least, frame_url })).toBeNull();
    },
  );
});

describe('the task list', () => {
  it('keeps the first of two entries with one id and counts what it left out', () => {
    const found = list([least, { ...least, fps: 1 }, null, {}]);
    expect(found).toMatchObject({ kind: 'tasks', tasks: [{ id: 'ai_1', fps: 5 }], skipped: 3 });
  });

  it('is bounded', () => {
    const found = list(Array.from({ length: 600 }, (_, index) => ({ ...least, id: `ai_${index}` })));
    expect(found).toMatchObject({ kind: 'tasks', skipped: 88 });
  });

  it('that is no list is a failure', () => {
    expect(list({ tasks: [] })).toMatchObject({ kind: 'failed' });
  });
});
