/** Which tasks does a worker run as the list of tasks changes? */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Eyes, EVENTS, startHarness, TASKS } from './worker-harness.ts';
import type { Harness } from './worker-harness.ts';
import { FRAME_PATH, wireTask } from './worker-peer.ts';

let on: Harness;

beforeEach(async () => {
  on = await startHarness();
});

afterEach(() => on.end());

describe('a worker and its tasks', () => {
  it('runs one loop a task and leaves the types it has no analyser for', async () => {
    on.peer.tasks = [
      wireTask('ai_1'),
      wireTask('ai_2', { camera_id: 'yard', frame_url: '/api/v1/cameras/yard/frame?profile=sub' }),
      wireTask('ai_3', { task_type: 'anpr', frame_url: '/api/v1/cameras/lane/frame?profile=main' }),
      wireTask('ai_4', { task_type: 'constructor', frame_url: '/api/v1/cameras/lane/frame?profile=main' }),
    ];
    on.peer.show('t1');
    on.peer.show('t2', '0', '/api/v1/cameras/yard/frame?profile=sub');
    void on.run({ analysers: { people: () => new Eyes() } });
    await on.peer.until(() => on.peer.accepted.length === 2, 'both cameras delivered');
    expect(new Set(on.peer.accepted.map((batch) => batch.frame_id))).toEqual(new Set(['ai_1:t1', 'ai_2:t2']));
    expect(on.peer.seen('/api/v1/cameras/lane')).toEqual([]);
  });

  it('never asks for a frame outside the server', async () => {
    const bad = ['http://127.0.0.1:1/x', '/a/../b', '//h://x', 'relative', ''];
    on.peer.tasks = [...bad.map((frame_url, i) => wireTask(`ai_bad${i}`, { frame_url })), wireTask('ai_1')];
    on.peer.show('t1');
    void on.runWith(new Eyes());
    await on.peer.until(() => on.peer.accepted.length === 1, 'the good task at work');
    expect(new Set(on.peer.requests.map(({ path }) => path))).toEqual(new Set([TASKS, FRAME_PATH, EVENTS]));
  });

  it('stops the loop of a task that vanished and closes its analyser', async () => {
    on.peer.tasks = [wireTask('ai_1')];
    on.peer.show('t1');
    const eyes = new Eyes();
    void on.runWith(eyes);
    await on.peer.until(() => on.peer.accepted.length === 1, 'the task at work');
    on.peer.tasks = [];
    const listed = on.peer.seen(TASKS).length;
    await on.peer.until(() => on.peer.seen(TASKS).length >= listed + 2, 'two more discoveries');
    expect(eyes.closed).toBe(1);
    const polled = on.peer.seen(FRAME_PATH).length;
    await on.peer.until(() => on.peer.seen(TASKS).length >= listed + 3, 'another discovery');
    expect(on.peer.seen(FRAME_PATH).length).toBe(polled);
  });

  it('restarts a task that changed and keeps one that did not', async () => {
    const yard = '/api/v1/cameras/yard/frame?profile=sub';
    on.peer.tasks = [
      wireTask('ai_1', { config: { a: 1, b: { c: 2, d: 3 } }, fps: 5 }),
      wireTask('ai_2', { frame_url: yard, config: { floor: 1 } }),
    ];
    on.peer.show('t1');
    const story: string[] = [];
    const opened = () => story.filter((line) => line.startsWith('open'));
    void on.run({
      analysers: {
        people: (task) => {
          story.push(`open ${task.id} ${JSON.stringify(task.config)}`);
          return {
            analyse: () => ({ detections: [] }),
            async close() {
              await new Promise((resolve) => setImmediate(resolve));
              story.push(`closed ${task.id}`);
            },
          };
        },
      },
    });
    await on.peer.until(() => opened().length === 2, 'both tasks started');
    on.peer.tasks = [
      wireTask('ai_1', { config: { b: { d: 3, c: 2 }, a: 1 }, fps: 5.000_01 }),
      wireTask('ai_2', { frame_url: yard, config: { floor: 2 } }),
    ];
    const listed = on.peer.seen(TASKS).length;
    await on.peer.until(() => opened().length === 3, 'the changed task restarted');
    await on.peer.until(() => on.peer.seen(TASKS).length >= listed + 3, 'further discoveries');
    expect(story.slice(2)).toEqual(['closed ai_2', 'open ai_2 {"floor":2}']);
  });

  it('keeps its loops while discovery fails, and takes up new tasks once it works again', async () => {
    on.peer.tasks = [wireTask('ai_1')];
    const eyes = new Eyes();
    void on.runWith(eyes);
    await on.peer.until(() => on.peer.seen(FRAME_PATH).length >= 1, 'the task at work');
    on.peer.faults.set(TASKS, [
      { status: 403 },
      { status: 200, body: 'not json' },
      { status: 200, body: '{}' },
    ]);
    const listed = on.peer.seen(TASKS).length;
    await on.peer.until(() => on.peer.seen(TASKS).length >= listed + 3, 'three failed discoveries');
    on.peer.show('t1');
    await on.peer.until(() => on.peer.accepted.length === 1, 'the loop still at work');
    expect(eyes.closed).toBe(0);
    on.peer.tasks = [wireTask('ai_1'), wireTask('ai_2', { task_type: 'people' })];
    await on.peer.until(() => on.peer.accepted.length === 2, 'the new task at work');
  });

  it('tries on until the server answers', async () => {
    on.peer.tasks = [wireTask('ai_1')];
    on.peer.show('t1');
    on.peer.faults.set(
      TASKS,
      Array.from({ length: 8 }, () => 'reset' as const),
    );
    void on.runWith(new Eyes());
    await on.peer.until(() => on.peer.accepted.length === 1, 'a delivery');
    expect(on.peer.seen(TASKS).length).toBeGreaterThanOrEqual(9);
    expect(on.log.lines.map(({ message }) => message)).toEqual(
      expect.arrayContaining(['task discovery: failing', 'task discovery: recovered']),
    );
  });
});

describe('options of a worker', () => {
  it.each([
    ['no URL', { baseUrl: 'nowhere' }, 'http or https'],
    ['another scheme', { baseUrl: 'ftp://127.0.0.1' }, 'http or https'],
    ['credentials in the URL', { baseUrl: 'http://u:s3cret@127.0.0.1' }, 'credentials'],
    ['a query', { baseUrl: 'http://127.0.0.1/?a=1' }, 'query'],
    ['a key with a line break', { baseUrl: 'http://127.0.0.1', apiKey: 's3cret\n' }, 'printable'],
  ])('are refused with %s, without quoting a secret', async (_, options, text) => {
    const refusal = await on.run(options).catch(String);
    on.running = undefined;
    expect(refusal).toContain(text);
    expect(refusal).not.toContain('s3cret');
  });

  it('keep the path of a server behind a proxy', async () => {
    void on.run({ baseUrl: `${on.peer.baseUrl}/heldar/`, analysers: {} });
    await on.peer.until(() => on.peer.requests.length === 1, 'discovery');
    expect(on.peer.requests[0]?.path).toBe('/heldar/api/v1/ai/tasks');
  });
});
