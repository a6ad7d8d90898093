import { expect, it } from 'vitest';
import { createAudioChoice } from './audio-choice.ts';

const streams = { videoCodec: 'h264', width: 640, height: 480, audioCodec: 'pcm_s16le' };
const nothing = { reason: 'ended', recordedMs: 0, detail: 'unsupported channel layout' } as const;
const recorded = { reason: 'ended', recordedMs: 60_000, detail: '' } as const;

const silent = { ...nothing, reason: 'no-output' } as const;

it('leaves the sound out after two attempts that gave nothing, and for good once that helped', () => {
  const audio = createAudioChoice(true);
  expect(audio.isWanted()).toBe(true);
  audio.ended(nothing, streams);
  expect(audio.isWanted()).toBe(true);
  audio.ended(nothing, streams);
  expect(audio.isWanted()).toBe(false);
  expect(audio.lost(streams)).toEqual({ codec: 'pcm_s16le', detail: 'unsupported channel layout' });
  audio.ended(recorded, streams);
  audio.ended(nothing, streams);
  expect(audio.isWanted()).toBe(false);
});

it('leaves it out after one attempt that waited for it', () => {
  const audio = createAudioChoice(true);
  audio.ended(silent, streams);
  expect(audio.isWanted()).toBe(false);
});

it('a connection that breaks once as it is made costs no sound', () => {
  const audio = createAudioChoice(true);
  audio.ended(nothing, streams);
  audio.ended(recorded, streams);
  audio.ended(nothing, streams);
  expect(audio.isWanted()).toBe(true);
});

it('takes it in again when it was not the sound', () => {
  const audio = createAudioChoice(true);
  audio.ended(silent, streams);
  audio.ended(nothing, streams);
  expect(audio.isWanted()).toBe(true);
  expect(audio.lost(streams)).toBeNull();
});

it.each([
  [{ ...nothing, recordedMs: 1 }, streams],
  [{ ...nothing, reason: 'unreachable' as const }, streams],
  [nothing, { ...streams, audioCodec: null }],
  [nothing, null],
])('suspects no sound when it can not have been it: %j', (end, found) => {
  const audio = createAudioChoice(true);
  audio.ended(end, found);
  expect(audio.isWanted()).toBe(true);
});

it('misses none where none is asked for, and says so where nobody knows what it is', () => {
  expect(createAudioChoice(false).lost(streams)).toBeNull();
  const unknown = { ...streams, audioCodec: 'unknown' };
  expect(createAudioChoice(true).lost(unknown)).toMatchObject({ codec: 'unknown' });
});
