import { expect, test } from 'vitest';
import { playlistText, tokenedPlaylist } from './playlist.ts';

test('a query stands behind every name and nowhere else', () => {
  const text = playlistText(
    [
      { durationS: 2, layout: 0, recordedAt: 0 },
      { durationS: 2, layout: 1, recordedAt: null },
    ],
    0,
  );
  const lines = tokenedPlaylist(text, '?token=x').split('\n');
  expect(lines.filter((line) => line.includes('?token=x'))).toEqual([
    '#EXT-X-MAP:URI="init_0.mp4?token=x"',
    'part_00000.m4s?token=x',
    '#EXT-X-MAP:URI="init_1.mp4?token=x"',
    'part_00001.m4s?token=x',
  ]);
  expect(lines.map((line) => line.replace('?token=x', '')).join('\n')).toBe(text);
});
