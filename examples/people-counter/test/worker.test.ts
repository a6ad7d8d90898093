/** Does the worker, in its own process, find people in the frames of a server and tell it? */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleFootage } from './footage.ts';
import { FrameServer, TASK_TYPES } from './frame-server.ts';

const API_KEY = 'vok_people_counter_test';
const entry = fileURLToPath(new URL('../src/worker.ts', import.meta.url));

let server: FrameServer;
let exit: unknown;
let printed = '';

beforeAll(async () => {
  server = new FrameServer(await sampleFootage({ fromSeconds: 24, seconds: 2, fps: 4 }), 3);
  const worker = spawn(process.execPath, ['--conditions=heldar-source', entry], {
    env: { ...process.env, HELDAR_URL: await server.start(), HELDAR_API_KEY: API_KEY },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  worker.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const closed = once(worker, 'close');
  const early = closed.then(() => Promise.reject(new Error(`the worker ended early: ${printed}`)));
  await Promise.race([server.enough, early]);
  worker.kill('SIGTERM');
  exit = await closed;
});

afterAll(() => server.stop());

function tracksOf(type: string): Set<string>[] {
  return server.batchesOf(type).map(({ detections }) => new Set(detections.map(({ track_id }) => track_id)));
}

describe('the people counter', () => {
  it('answers to both of its task types until SIGTERM, then ends cleanly', () => {
    expect(exit).toEqual([0, null]);
    for (const type of TASK_TYPES) expect(server.batchesOf(type).length).toBeGreaterThanOrEqual(3);
  });

  it('sends people in normalised boxes', () => {
    for (const { camera_id, task_type, frame_id, detections } of server.batches) {
      expect(camera_id).toBe(`cam_${task_type}`);
      expect(frame_id).toMatch(/^ai_\w+:2026-06-13T/);
      expect(detections.length).toBeGreaterThanOrEqual(3);
      for (const { label, confidence, bbox } of detections) {
        expect(label).toBe('person');
        expect(confidence).toBeGreaterThan(0.25);
        expect(bbox).toHaveLength(4);
        expect(Math.min(...bbox)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...bbox)).toBeLessThanOrEqual(1);
      }
    }
  });

  it('keeps the track of a person and never gives one to two', () => {
    const [first, second] = tracksOf('people');
    const kept = [...(first ?? [])].filter((id) => second?.has(id));
    expect(kept.length).toBeGreaterThanOrEqual(3);
    for (const id of kept) expect(id).toMatch(/^\d{13}-\d+$/);
    const elsewhere = tracksOf('detection').flatMap((ids) => [...ids]);
    expect(kept.filter((id) => elsewhere.includes(id))).toEqual([]);
  });

  it('shows its key to the server and to nobody else', () => {
    expect([...server.apiKeys]).toEqual([API_KEY]);
    expect(printed).toContain('task started');
    expect(printed).not.toContain(API_KEY);
  });
});
