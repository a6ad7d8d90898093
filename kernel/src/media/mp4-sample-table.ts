/** Which samples does a file list in its movie header, and where do they lie? For files without fragments. */
import type { Box } from './mp4-boxes.ts';
import type { Fragment, RecordedTrack, Sample } from './recorded-samples.ts';

/** The samples as if the file had a fragment from each key frame of the video to the next. `tracks`: video first. */
export function listedFragments(moov: readonly Box[], tracks: readonly RecordedTrack[]): Fragment[] {
  const listed = tracks.map((track) => ({ track, samples: listedSamples(moov, track) }));
  const video = listed[0];
  if (video === undefined) return [];
  const begins = video.samples.filter(({ isKey }) => isKey).map(({ time }) => time);
  return begins.map((begin, index) => {
    const end = begins[index + 1] ?? Number.POSITIVE_INFINITY;
    const samples = new Map(
      listed.map(({ track, samples: all }) => {
        const scale = track.timescale / video.track.timescale;
        // What comes before the first picture goes with it.
        const from = index === 0 ? Number.NEGATIVE_INFINITY : begin * scale;
        return [track.id, all.filter(({ time }) => time >= from && time < end * scale)] as const;
      }),
    );
    const all = [...samples.values()].flat();
    return {
      position: Math.min(...all.map(({ position }) => position)),
      endPosition: Math.max(...all.map(({ position, sizeBytes }) => position + sizeBytes)),
      samples,
    };
  });
}

function listedSamples(moov: readonly Box[], { id, delay }: RecordedTrack): Sample[] {
  const trak = moov.find((box) => {
    const header = box.type === 'trak' ? box.find('tkhd')?.data : undefined;
    return header?.readUInt32BE(header[0] === 1 ? 20 : 12) === id;
  });
  const table = trak?.find('mdia', 'minf', 'stbl');
  if (table === undefined) return [];
  const sizes = sampleSizes(table.find('stsz')?.data);
  const positions = samplePositions(table, sizes);
  const durations = runs(table.find('stts')?.data, sizes.length);
  const shifts = runs(table.find('ctts')?.data, sizes.length);
  const keys = table.find('stss')?.data;
  const isKey = keys === undefined ? null : new Set(words(keys, 8));
  const samples: Sample[] = [];
  let time = delay;
  for (const [index, sizeBytes] of sizes.entries()) {
    const duration = durations[index] ?? 0;
    // Shifts are signed in practice, whatever the version says.
    const shift = (shifts[index] ?? 0) | 0;
    samples.push({
      position: positions[index] ?? 0,
      sizeBytes,
      time,
      duration,
      shift,
      isKey: isKey?.has(index + 1) ?? true,
    });
    time += duration;
  }
  return samples;
}

function sampleSizes(stsz: Buffer | undefined): number[] {
  if (stsz === undefined || stsz.length < 12) return [];
  const common = stsz.readUInt32BE(4);
  return common === 0 ? words(stsz, 12) : Array.from({ length: stsz.readUInt32BE(8) }, () => common);
}

/** A chunk is where samples lie one behind the other; `stsc` says from which chunk on each has how many. */
function samplePositions(table: Box, sizes: readonly number[]): number[] {
  const chunks = chunkPositions(table);
  const perChunk = words(table.find('stsc')?.data ?? Buffer.alloc(8), 8);
  const positions: number[] = [];
  let entry = 0;
  for (const [index, start] of chunks.entries()) {
    while ((perChunk[entry + 3] ?? Number.POSITIVE_INFINITY) <= index + 1) entry += 3;
    let position = start;
    for (let left = perChunk[entry + 1] ?? 0; left > 0; left -= 1) {
      positions.push(position);
      position += sizes[positions.length - 1] ?? 0;
    }
  }
  return positions;
}

function chunkPositions(table: Box): number[] {
  const short = table.find('stco')?.data;
  if (short !== undefined) return words(short, 8);
  const long = table.find('co64')?.data;
  const positions: number[] = [];
  for (let at = 8; long !== undefined && at + 8 <= long.length; at += 8)
    positions.push(Number(long.readBigUInt64BE(at)));
  return positions;
}

/** Pairs of how often and which value, spread out over the samples. */
function runs(data: Buffer | undefined, samples: number): number[] {
  const values: number[] = [];
  const pairs = words(data ?? Buffer.alloc(8), 8);
  for (let at = 0; at + 1 < pairs.length && values.length < samples; at += 2)
    for (let left = Math.min(pairs[at] ?? 0, samples - values.length); left > 0; left -= 1)
      values.push(pairs[at + 1] ?? 0);
  return values;
}

function words(data: Buffer, from: number): number[] {
  const values: number[] = [];
  for (let at = from; at + 4 <= data.length; at += 4) values.push(data.readUInt32BE(at));
  return values;
}
