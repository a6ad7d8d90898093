/** Which tracks does a movie header describe, and how are their samples coded? */
import { readBoxes, type Box } from './mp4-boxes.ts';
import type { RecordedTrack } from './recorded-samples.ts';

const kinds: Readonly<Record<string, RecordedTrack['kind']>> = { vide: 'video', soun: 'audio' };
/** Bytes of a sample entry before its inner boxes. */
const entryFields: Readonly<Record<RecordedTrack['kind'], number>> = { video: 86, audio: 36 };

/** Video first; tracks of other kinds are left out. `moov`: the boxes in it. */
export function readTracks(moov: readonly Box[]): RecordedTrack[] {
  const tracks: RecordedTrack[] = [];
  const movie = moov.find(({ type }) => type === 'mvhd')?.data;
  const movieScale = movie?.readUInt32BE(movie[0] === 1 ? 20 : 12) ?? 1000;
  for (const trak of moov.filter(({ type }) => type === 'trak')) {
    const kind = kinds[trak.find('mdia', 'hdlr')?.data.toString('latin1', 8, 12) ?? ''];
    const header = trak.find('tkhd')?.data;
    const media = trak.find('mdia', 'mdhd')?.data;
    const entries = trak.find('mdia', 'minf', 'stbl', 'stsd')?.data;
    if (kind === undefined || header === undefined || media === undefined || entries === undefined) continue;
    if (entries.length < 8 + entryFields[kind]) continue;
    const timescale = Math.max(1, media.readUInt32BE(media[0] === 1 ? 20 : 12));
    const entry = withoutBitRate(entries.subarray(8, 8 + entries.readUInt32BE(8)), entryFields[kind]);
    tracks.push({
      id: header.readUInt32BE(header[0] === 1 ? 20 : 12),
      kind,
      timescale,
      entry,
      width: kind === 'video' ? entry.readUInt16BE(32) : 0,
      height: kind === 'video' ? entry.readUInt16BE(34) : 0,
      delay: delayOf(trak.find('edts', 'elst')?.data, timescale, movieScale),
    });
  }
  return tracks.sort((a, b) => Number(b.kind === 'video') - Number(a.kind === 'video'));
}

/** Nothing is shown first, or what is decoded first is not shown: both move the track. Later edits are not looked at. */
function delayOf(elst: Buffer | undefined, timescale: number, movieScale: number): number {
  if (elst === undefined) return 0;
  const isLong = elst[0] === 1;
  let delay = 0;
  for (let at = 8; at + (isLong ? 20 : 12) <= elst.length; at += isLong ? 20 : 12) {
    const duration = isLong ? Number(elst.readBigUInt64BE(at)) : elst.readUInt32BE(at);
    const from = isLong ? Number(elst.readBigInt64BE(at + 8)) : elst.readInt32BE(at + 4);
    if (from !== -1) return delay - from;
    delay += Math.round((duration * timescale) / Math.max(1, movieScale));
  }
  return delay;
}

function withoutBitRate(entry: Buffer, fieldBytes: number): Buffer {
  const inner = readBoxes(entry.subarray(fieldBytes)).filter(({ type }) => type !== 'btrt');
  const kept = inner.map(({ data }) =>
    // The box with its header, which is always a short one here.
    entry.subarray(data.byteOffset - entry.byteOffset - 8, data.byteOffset - entry.byteOffset + data.length),
  );
  const bytes = Buffer.concat([entry.subarray(0, fieldBytes), ...kept]);
  bytes.writeUInt32BE(bytes.length, 0);
  return bytes;
}
