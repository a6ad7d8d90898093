/** What does the playlist of a review session say? HLS with fragmented MP4 parts, RFC 8216. */
import { formatRfc3339 } from '@heldar/plugin-sdk';

export interface ListedPart {
  readonly durationS: number;
  /** Number of the header it needs. */
  readonly layout: number;
  /** When its first picture was recorded, ms since the epoch, where that does not follow from the part before. */
  readonly recordedAt: number | null;
}

export const playlistName = 'index.m3u8';
export const headerName = (layout: number) => `init_${layout}.mp4`;
export const partName = (index: number) => `part_${String(index).padStart(5, '0')}.m4s`;

/** Which part or header does a name mean? */
export function parsePlaylistFile(name: string): { kind: 'header' | 'part'; index: number } | undefined {
  const [, header, part] = /^(?:init_(\d{1,3})\.mp4|part_(\d{5,6})\.m4s)$/.exec(name) ?? [];
  if (header !== undefined) return { kind: 'header', index: Number(header) };
  return part === undefined ? undefined : { kind: 'part', index: Number(part) };
}

/** `leadS`: how much the first part begins before what was asked for. */
export function playlistText(parts: readonly ListedPart[], leadS: number): string {
  const longestS = Math.max(1, ...parts.map(({ durationS }) => durationS));
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${Math.ceil(longestS)}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(leadS > 0 ? [`#EXT-X-START:TIME-OFFSET=${leadS.toFixed(3)},PRECISE=YES`] : []),
  ];
  for (const [index, { durationS, layout, recordedAt }] of parts.entries()) {
    const isNew = parts[index - 1]?.layout !== layout;
    if (isNew && index > 0) lines.push('#EXT-X-DISCONTINUITY');
    if (isNew) lines.push(`#EXT-X-MAP:URI="${headerName(layout)}"`);
    if (recordedAt !== null) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${formatRfc3339(recordedAt)}`);
    lines.push(`#EXTINF:${durationS.toFixed(6)},`, partName(index));
  }
  return `${[...lines, '#EXT-X-ENDLIST'].join('\n')}\n`;
}

/** The same with this query behind each name. */
export function tokenedPlaylist(text: string, query: string): string {
  return text.replace(/^[^#\n].*$/gm, `$&${query}`).replace(/URI="([^"]*)"/g, `URI="$1${query}"`);
}
