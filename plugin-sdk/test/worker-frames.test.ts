/** Which frames does a worker analyse, and what does it send? */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Eyes, EVENTS, startHarness } from './worker-harness.ts';
import type { Harness } from './worker-harness.ts';
import { FRAME_PATH, wireTask } from './worker-peer.ts';

let on: Harness;

beforeEach(async () => {
  on = await startHarness();
});

afterEach(() => on.end());

describe('a worker and the frames', () => {
  it('delivers what it found with the key of task and capture time', async () => {
    on.peer.tasks = [wireTask('ai_1')];
    on.peer.show('2026-06-13T08:15:31.120+00:00');
    const before = Date.now();
    void on.runWith(new Eyes());
    await on.peer.until(() => on.peer.accepted.length === 1, 'a delivery');
    const [batch] = on.peer.accepted;
    expect(batch).toMatchObject({
      camera_id: 'gate',
      task_type: 'people',
      frame_id: 'ai_1:2026-06-13T08:15:31.120+00:00',
      detections: [{ label: 'person', confidence: 0.9 }],
    });
    expect(batch?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/);
    expect(Date.parse(batch?.timestamp ?? '')).toBeGreaterThanOrEqual(before);
    for (const { headers } of on.peer.requests) expect(headers['user-agent']).toBe('heldar-ai-worker/1.0');
  });

  it('skips the cycle while there is no frame', async () => {
    on.peer.tasks = [wireTask('ai_1')];
    const eyes = new Eyes();
    void on.runWith(eyes);
    await on.peer.until(() => on.peer.seen(FRAME_PATH).length >= 4, 'polling on after 404');
    expect(eyes.seen).toEqual([]);
    expect(on.peer.seen(EVENTS)).toEqual([]);
    expect(on.log.lines.filter(({ level }) => level === 'warn')).toEqual([]);
    on.peer.show('t1');
    await on.peer.until(() => on.peer.accepted.length === 1, 'the first frame delivered');
  });

  it('analyses a frame once however often it is handed out', async () => {
    on.peer.tasks = [wireTask('ai_1')];
    on.peer.show('t1');
    const eyes = new Eyes();
    void on.runWith(eyes);
    await on.peer.until(() => on.peer.seen(FRAME_PATH).length >= 5, 'polling the same frame');
    expect(eyes.seen).toEqual(['t1']);
    on.peer.show('t2');
    await on.peer.until(() => on.peer.accepted.length === 2, 'the next frame delivered');
    expect(eyes.seen).toEqual(['t1', 't2']);
  });

  it('skips a frame that is older than two seconds and three periods', async () => {
    on.peer.tasks = [wireTask('ai_1', { fps: 5 })];
    on.peer.show('old', '2001');
    const eyes = new Eyes();
    void on.runWith(eyes);
    await on.peer.until(() => on.peer.seen(FRAME_PATH).length >= 4, 'polling a stale frame');
    expect(eyes.seen).toEqual([]);
    on.peer.show('young', '2000');
    await on.peer.until(() => on.peer.accepted.length === 1, 'a frame at the limit delivered');
    expect(eyes.seen).toEqual(['young']);
  });

  it('sends no key and no frame id when the capture time is unknown', async () => {
    on.peer.tasks = [wireTask('ai_1')];
    on.peer.show('');
    void on.runWith(new Eyes());
    await on.peer.until(() => on.peer.accepted.length === 3, 'every cycle delivered');
    expect(on.peer.accepted.every((batch) => !('frame_id' in batch))).toBe(true);
  });

  it('posts an event without detections and nothing when there is neither', async () => {
    on.peer.tasks = [wireTask('ai_1')];
    on.peer.show('quiet');
    void on.runWith({
      analyse: ({ capturedAt }) =>
        capturedAt === 'quiet'
          ? { detections: [] }
          : { detections: [], event: { event_type: 'motion', severity: 'info', payload: { area: 0.2 } } },
    });
    await on.peer.until(() => on.peer.seen(FRAME_PATH).length >= 4, 'a quiet scene polled');
    expect(on.peer.seen(EVENTS)).toEqual([]);
    on.peer.show('loud');
    await on.peer.until(() => on.peer.accepted.length === 1, 'the event delivered');
    expect(on.peer.accepted[0]).toMatchObject({ detections: [], event: { event_type: 'motion' } });
  });

  it('cuts what is more than a thousand detections', async () => {
    on.peer.tasks = [wireTask('ai_1')];
    on.peer.show('crowd');
    const crowd = Array.from({ length: 1200 }, (_, index) => ({ label: `p${index}` }));
    void on.runWith({ analyse: () => ({ detections: crowd }) });
    await on.peer.until(() => on.peer.accepted.length === 1, 'the crowd delivered');
    expect(on.peer.accepted[0]?.detections).toHaveLength(1000);
    expect(on.peer.accepted[0]?.detections.at(-1)?.label).toBe('p999');
  });

  it('asks for the next frame a period after the last, less the time the analysis took', async () => {
    on.peer.tasks = [wireTask('ai_1', { fps: 2 })];
    void on.runWith(new Eyes());
    await on.peer.until(() => on.peer.seen(FRAME_PATH).length >= 4, 'a few cycles');
    const pauses = on.clock.waitsMs.filter((ms) => ms <= 500);
    expect(pauses.length).toBeGreaterThanOrEqual(3);
    expect(Math.max(...pauses)).toBeGreaterThan(100);
  });

  it('goes on with the next frame when an analysis throws', async () => {
    on.peer.tasks = [wireTask('ai_1')];
    on.peer.show('bad');
    void on.runWith({
      analyse({ capturedAt }) {
        if (capturedAt === 'bad') throw new Error('cannot decode');
        return { detections: [{ label: 'person' }] };
      },
    });
    await on.peer.until(() => on.log.lines.some(({ level }) => level === 'warn'), 'the failure reported');
    on.peer.show('good');
    await on.peer.until(() => on.peer.accepted.length === 1, 'the next frame delivered');
    expect(on.log.lines.find(({ level }) => level === 'warn')?.data).toMatchObject({
      problem: 'analysis: cannot decode',
    });
  });

  it('starts a task afresh when its analyser hangs', async () => {
    on.peer.tasks = [wireTask('ai_1')];
    on.peer.show('t1');
    const opened: Eyes[] = [];
    const factory = () => {
      const eyes = new Eyes();
      if (opened.push(eyes) === 1)
        return { analyse: () => new Promise<never>(() => {}), close: () => eyes.close() };
      return eyes;
    };
    void on.run({ analysers: { people: factory }, analysisTimeoutMs: 1000 });
    await on.peer.until(() => on.peer.accepted.length === 1, 'the second analyser at work');
    expect(opened[0]?.closed).toBe(1);
    expect(on.log.lines.some(({ level }) => level === 'error')).toBe(true);
  });
});
