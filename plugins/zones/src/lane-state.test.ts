/** Is the state of a lane what its zones and tracks need, and no more? */
import { expect, test } from 'vitest';
import { keyedState } from '../test/one-process-host.ts';
import type { Entry } from './engine.ts';
import {
  activeZones,
  allTracks,
  applyZoneChange,
  entriesOf,
  storeTracks,
  trackSummary,
} from './lane-state.ts';
import type { ZoneChange } from './messages.ts';

function change(id: string, fields: Partial<NonNullable<ZoneChange['zone']>> = {}): ZoneChange {
  const zone: NonNullable<ZoneChange['zone']> = {
    id,
    camera_id: 'gate',
    name: 'Yard',
    kind: 'region',
    polygon: [[0, 0], [1, 0], [1, 1]], // prettier-ignore
    dwell_seconds: 0,
    labels: [],
    severity: 'info',
    config: {},
    enabled: true,
    created_at: 1,
    updated_at: 1,
  };
  return { zone_id: id, zone: { ...zone, ...fields } };
}

test.for([
  [{}, 2],
  [null, 2],
  ['3', 2],
  [[3], 2],
  [{ confirm_frames: '3' }, 2],
  [{ confirm_frames: 2.5 }, 2],
  [{ confirm_frames: -1 }, 2],
  [{ confirm_frames: null }, 2],
  [{ confirm_frames: 0 }, 1],
  [{ confirm_frames: 1 }, 1],
  [{ confirm_frames: 10 }, 10],
  [{ confirm_frames: 11 }, 10],
] as const)('config %j means %i observations to confirm', ([config, expected]) => {
  const state = keyedState(new Map());
  applyZoneChange(state, change('zone_1', { config }));
  expect(activeZones(state)).toMatchObject([{ confirmFrames: expected }]);
});

test('zones keep the order of their creation through changes, and the disabled ones their place', () => {
  const state = keyedState(new Map());
  for (const id of ['zone_b', 'zone_a', 'zone_c']) applyZoneChange(state, change(id));
  applyZoneChange(state, change('zone_b', { enabled: false }));
  applyZoneChange(state, change('zone_a', { name: 'Lane' }));
  expect(activeZones(state).map(({ id }) => id)).toEqual(['zone_a', 'zone_c']);
  applyZoneChange(state, change('zone_b'));
  expect(activeZones(state).map(({ id }) => id)).toEqual(['zone_b', 'zone_a', 'zone_c']);
});

test('a lane whose zones and tracks are gone holds no state, so it needs no ticks', () => {
  const texts = new Map<string, string>();
  const state = keyedState(texts);
  applyZoneChange(state, change('zone_1'));
  storeTracks(state, 'gate', new Map([['7', [entry()]]]), 5);
  storeTracks(state, 'gate', new Map([['7', []]]), 5);
  applyZoneChange(state, { zone_id: 'zone_1', zone: null });
  expect(texts).toEqual(new Map());
});

test('tracks are counted, and come back in the order of their ids', () => {
  const state = keyedState(new Map());
  const tracks = ['2', '10', ''].map((id): [string, Entry[]] => [id, [entry()]]);
  expect(storeTracks(state, 'gate', new Map(tracks), 5)).toBe(3);
  expect([...allTracks(state)].map(([id]) => id)).toEqual(['', '10', '2']);
  expect(entriesOf(state, '10')).toEqual([entry()]);
  expect(entriesOf(state, '3')).toEqual([]);
  expect(storeTracks(state, 'gate', new Map([tracks[0] ?? ['', []], ['10', []], ['11', []]]), 6)).toBe(2);
  expect(trackSummary(state)).toEqual({ cameraId: 'gate', count: 2, oldestSecond: 6 });
});

function entry(): Entry {
  return { zoneId: 'zone_1', seenSecond: 5, contrary: 1, visit: null, lastEventAt: null };
}
