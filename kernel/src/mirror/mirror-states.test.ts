import { describe, expect, it } from 'vitest';
import type { MirrorState } from '../store/mirrors.ts';
import { planMirrorStates, type MirrorFacts } from './mirror-states.ts';

const gate = { id: 'gate', siteId: null, enabled: true, recordEnabled: true, mirrorEnabled: true };
const full = { kind: 'offline', reason: 'the mirror disk is full' } as const;
const plan = (state: MirrorState | null, facts: Partial<MirrorFacts> = {}) => {
  const lastError = state === 'offline' ? full.reason : null;
  const { changes, events } = planMirrorStates({
    cameras: [gate],
    noted: new Map(state === null ? [] : [['gate', { state, lastError, updatedAt: 1000 }]]),
    fault: null,
    hasMirror: true,
    now: 61_000,
    ...facts,
  });
  return { changes, events: events.map(({ type, payload }) => [type, JSON.parse(payload) as unknown]) };
};

describe('planMirrorStates', () => {
  it('tells nothing that is noted already', () => {
    expect(plan('recording')).toEqual({ changes: [], events: [] });
    expect(plan('offline', { fault: full })).toEqual({ changes: [], events: [] });
  });

  it('begins without an event', () => {
    const changes = [{ cameraId: 'gate', state: 'recording', lastError: null }];
    expect(plan(null)).toEqual({ changes, events: [] });
  });

  it('tells an outage once at its start and once at its end', () => {
    expect(plan('recording', { fault: full })).toEqual({
      changes: [{ cameraId: 'gate', state: 'offline', lastError: full.reason }],
      events: [['mirror_offline', { reason: full.reason }]],
    });
    expect(plan('offline')).toEqual({
      changes: [{ cameraId: 'gate', state: 'recording', lastError: null }],
      events: [['mirror_online', { offline_seconds: 60 }]],
    });
  });

  it('notes another reason of the same outage without an event', () => {
    const fault = { kind: 'error', reason: 'it is a recordings folder' } as const;
    expect(plan('offline', { fault })).toEqual({
      changes: [{ cameraId: 'gate', state: 'error', lastError: fault.reason }],
      events: [],
    });
  });

  it('has nothing to say of a camera that is not mirrored, even while the disk is gone', () => {
    for (const off of [{ enabled: false }, { recordEnabled: false }, { mirrorEnabled: false }])
      expect(plan(null, { cameras: [{ ...gate, ...off }], fault: full })).toEqual({
        changes: [],
        events: [],
      });
    expect(plan('recording', { hasMirror: false })).toEqual({
      changes: [{ cameraId: 'gate', state: 'disabled', lastError: null }],
      events: [],
    });
  });
});
