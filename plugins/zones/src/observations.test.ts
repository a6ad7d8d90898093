/** Is the right detection of each track chosen, and the unusable ones ignored? */
import type { Detection } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { observeTracks } from './observations.ts';

const box = [0, 0, 1, 1];

function detection(fields: Partial<Detection>): Detection {
  return { label: 'person', confidence: 0.5, bbox: box, track_id: '1', attributes: {}, ...fields };
}

test('the highest confidence speaks for a track; none counts as 0', () => {
  const seen = observeTracks([
    detection({ label: 'a', confidence: null }),
    detection({ label: 'b', confidence: 0.9 }),
    detection({ label: 'c', confidence: 0.3 }),
    detection({ label: 'x', confidence: -1, track_id: '2' }),
    detection({ label: 'y', confidence: null, track_id: '2' }),
  ]);
  expect(seen).toEqual([
    { trackId: '1', label: 'b', at: [0.5, 1] },
    { trackId: '2', label: 'y', at: [0.5, 1] },
  ]);
});

test('on a tie the earlier detection is taken', () => {
  const seen = observeTracks([
    detection({ label: 'first', confidence: null }),
    detection({ label: 'second', confidence: 0 }),
  ]);
  expect(seen).toMatchObject([{ label: 'first' }]);
});

test('a box that is none does not hide a usable one of lower confidence', () => {
  const seen = observeTracks([
    detection({ label: 'broken', confidence: 0.99, bbox: [0, 0, 'wide', 1] }),
    detection({ label: 'usable', confidence: 0.1 }),
  ]);
  expect(seen).toMatchObject([{ label: 'usable' }]);
});

test('detections without track or box are ignored', () => {
  expect(observeTracks([detection({ track_id: null }), detection({ bbox: null })])).toEqual([]);
});

test('track ids and labels of 512 characters are taken, longer ones ignored', () => {
  const seen = observeTracks([
    detection({ track_id: 'a'.repeat(512), label: 'b'.repeat(512) }),
    detection({ track_id: 'a'.repeat(513) }),
    detection({ track_id: '2', label: 'b'.repeat(513) }),
  ]);
  expect(seen.map(({ trackId }) => trackId.length)).toEqual([512]);
});

test('tracks come in the order of their first usable detection, an empty id included', () => {
  const seen = observeTracks([
    detection({ track_id: '9', bbox: null }),
    detection({ track_id: '' }),
    detection({ track_id: '9', confidence: 1 }),
    detection({ track_id: '', confidence: 1 }),
  ]);
  expect(seen.map(({ trackId }) => trackId)).toEqual(['', '9']);
});

test('half a surrogate pair is replaced, because the database would replace it too', () => {
  expect(observeTracks([detection({ track_id: 'a\ud800', label: '\udc00' })])).toMatchObject([
    { trackId: 'a\ufffd', label: '\ufffd' },
  ]);
});

test('a missing label is empty text', () => {
  expect(observeTracks([detection({ label: null })])).toMatchObject([{ label: '' }]);
});
