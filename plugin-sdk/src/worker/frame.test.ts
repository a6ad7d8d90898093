import { describe, expect, it } from 'vitest';
import { readTask } from './discovery.ts';
import { judgeFrame, periodMs } from './frame.ts';

function taskAt(fps: number) {
  const task = readTask({ id: 'ai_1', camera_id: 'gate', task_type: 'people', frame_url: '/f', fps });
  if (!task) throw new Error('unreadable task');
  return task;
}

function judge(fps: number, headers: Record<string, string>, previous = '') {
  const attempt = {
    kind: 'answer',
    status: 200,
    headers: new Headers(headers),
    body: new Uint8Array(3),
  } as const;
  return judgeFrame(attempt, taskAt(fps), previous).kind;
}

describe('a frame', () => {
  it.each([
    [5, 2000, 'frame'],
    [5, 2001, 'stale'],
    [1, 3000, 'frame'],
    [1, 3001, 'stale'],
    [0.01, 30_000, 'frame'],
    [0.01, 30_001, 'stale'],
  ])('for %d frames a second with an age of %d ms is: %s', (fps, ageMs, kind) => {
    expect(judge(fps, { 'x-frame-age-ms': String(ageMs) })).toBe(kind);
  });

  it.each(['-9999', '1e9', '99999.5', 'old', ''])('is taken as young when its age reads %j', (age) => {
    expect(judge(5, { 'x-frame-age-ms': age })).toBe('frame');
  });

  it('is the same when its capture time is, unless that is unknown', () => {
    expect(judge(5, { 'x-frame-captured-at': 't1' }, 't1')).toBe('same');
    expect(judge(5, { 'x-frame-captured-at': 't2' }, 't1')).toBe('frame');
    expect(judge(5, { 'x-frame-captured-at': '' }, '')).toBe('frame');
    expect(judge(5, {}, '')).toBe('frame');
  });

  it('is due at least every ten seconds and at most thirty times a second', () => {
    expect([0, 0.1, 2, 30, 1e9].map((fps) => periodMs(taskAt(fps)))).toEqual([
      10_000,
      10_000,
      500,
      1000 / 30,
      1000 / 30,
    ]);
  });
});
