import { describe, expect, it } from 'vitest';
import { decideRecording, whyNoTrigger, type RecordingFacts } from './policy.ts';

const camera = { enabled: true, recordEnabled: true, recordMode: 'continuous' } as const;
const opensAt = Date.parse('2026-11-27T07:00:00Z');
const facts: RecordingFacts = {
  camera,
  recorderEnabled: true,
  window: { isOpen: false, changesAt: opensAt },
  triggeredUntil: null,
};
const open = { isOpen: true, changesAt: opensAt };
const scheduled = { ...camera, recordMode: 'scheduled' } as const;
const event = { ...camera, recordMode: 'event' } as const;
const both = { ...camera, recordMode: 'scheduled_event' } as const;

describe('what is wanted of a camera', () => {
  it.each([
    ['continuous: always', {}, { do: 'record', reason: 'continuous', until: null }],
    ['scheduled: in a window, to its end', { camera: scheduled, window: open }, record('scheduled', opensAt)],
    ['event: while a trigger counts', { camera: event, triggeredUntil: 5 }, record('event', 5)],
    ['event: windows do not matter', { camera: event, window: open }, { do: 'arm', until: null }],
    ['event: armed else', { camera: event }, { do: 'arm', until: null }],
    ['both: in a window', { camera: both, window: open, triggeredUntil: 5 }, record('scheduled', opensAt)],
    ['both: for a trigger outside', { camera: both, triggeredUntil: 5 }, record('event', 5)],
    [
      'both: a window may open before the trigger ends',
      { camera: both, triggeredUntil: opensAt + 1 },
      record('event', opensAt),
    ],
    ['both: armed else, until a window opens', { camera: both }, { do: 'arm', until: opensAt }],
    ['scheduled: triggers do not matter', { camera: scheduled, triggeredUntil: 5 }, { do: 'rest' }],
  ])('%s', (_, change, decision) => {
    expect(decideRecording({ ...facts, ...change })).toMatchObject(decision);
  });

  it.each([
    [{ recorderEnabled: false }, /HELDAR_RECORDER_ENABLED/],
    [{ camera: { ...camera, enabled: false } }, /camera is disabled/],
    [{ camera: { ...camera, recordEnabled: false } }, /recording is disabled/],
  ])('is nothing when it is switched off, and says where: %j', (change, reason) => {
    const decision = decideRecording({ ...facts, ...change });
    expect(decision).toMatchObject({ do: 'nothing', detail: expect.stringMatching(reason) });
    expect(whyNoTrigger({ ...facts, ...change })).toMatch(reason);
  });

  it('says when the next window opens, or that there is none', () => {
    expect(decideRecording({ ...facts, camera: scheduled })).toMatchObject({
      detail: 'outside its windows until 2026-11-27T07:00:00.000Z',
      until: opensAt,
    });
    const none = { isOpen: false, changesAt: null };
    const decision = decideRecording({ ...facts, camera: scheduled, window: none });
    expect(decision).toMatchObject({ detail: expect.stringContaining('none is enabled'), until: null });
  });
});

it('only cameras of the event modes take triggers', () => {
  expect(whyNoTrigger({ ...facts, camera: event })).toBeNull();
  expect(whyNoTrigger({ ...facts, camera: both })).toBeNull();
  expect(whyNoTrigger({ ...facts, camera: scheduled })).toContain("record_mode is 'scheduled'");
});

function record(reason: string, until: number) {
  return { do: 'record', reason, until };
}
