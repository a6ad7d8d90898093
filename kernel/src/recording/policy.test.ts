import { expect, it } from 'vitest';
import { decideRecording, type RecordingFacts } from './policy.ts';

const camera = {
  enabled: true,
  recordEnabled: true,
  recordMode: 'continuous',
  recordStream: 'main',
} as const;
const facts: RecordingFacts = { camera, recorderEnabled: true, hasUrl: true };

it('records a camera that is switched on, continuous and reachable by a URL', () => {
  expect(decideRecording(facts)).toEqual({ record: true });
});

it.each([
  [{ recorderEnabled: false }, /HELDAR_RECORDER_ENABLED/],
  [{ camera: { ...camera, enabled: false } }, /camera is disabled/],
  [{ camera: { ...camera, recordEnabled: false } }, /recording is disabled/],
  [{ camera: { ...camera, recordMode: 'event' as const } }, /'event' is not available/],
])('is disabled and says why: %j', (change, reason) => {
  const decision = decideRecording({ ...facts, ...change });
  expect(decision).toMatchObject({ record: false, state: 'disabled', detail: expect.stringMatching(reason) });
});

it('is an error without a URL, naming what is missing', () => {
  const decision = decideRecording({ ...facts, hasUrl: false });
  expect(decision).toMatchObject({ state: 'error', detail: expect.stringContaining('main_stream_url') });
});
