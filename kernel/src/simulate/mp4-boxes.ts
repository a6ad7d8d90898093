/** Where does an MP4 file keep its samples? Reads the boxes that say so, by ranges, and leaves the media data out. */
import { createFile, Log, MP4BoxBuffer, type ISOFile, type Sample } from 'mp4box';
import { HeldarError, messageOf } from '../errors.ts';

type ReadRange = (position: number, length: number) => Promise<Buffer>;

/** An index larger than this belongs to no file worth simulating a camera with. */
const maxIndexBytes = 256 * 1024 * 1024;
const largestHeaderBytes = 16;

// The parser would write what it does not understand to the console; what matters of it becomes an error here.
Log.error = (module, text = '', movie) => movie?.onError?.(module, text);

/** The samples of the first video track, null when there is none; throws when the file is no MP4 file with an index. */
export async function readVideoSamples(
  path: string,
  fileBytes: number,
  readRange: ReadRange,
): Promise<Sample[] | null> {
  const movie = createFile();
  let complaint = '';
  movie.onError = (_module, text) => (complaint = text);
  try {
    await appendBoxes(movie, fileBytes, readRange);
    if (complaint !== '') throw new RangeError(complaint);
    if (!movie.moov) throw new RangeError("it has no index (no 'moov' box); it may be cut short");
    const [video] = movie.getInfo().videoTracks;
    return video === undefined ? null : movie.getTrackSamplesInfo(video.id);
  } catch (error) {
    throw notAnMp4(path, messageOf(error), error);
  }
}

function notAnMp4(path: string, reason: string, cause: unknown): HeldarError {
  return new HeldarError(
    'usage',
    `${path} is not a usable MP4 file: ${reason}. Convert it: ffmpeg -i ${path} -c:v libx264 -an new.mp4`,
    { cause },
  );
}

async function appendBoxes(movie: ISOFile, fileBytes: number, readRange: ReadRange): Promise<void> {
  let indexBytes = 0;
  for (let position = 0; position + 8 <= fileBytes;) {
    const header = await readRange(position, Math.min(largestHeaderBytes, fileBytes - position));
    const { type, headerBytes, sizeBytes } = readBoxHeader(header, fileBytes - position);
    if (position === 0 && !/^[a-z]{4}$/.test(type)) throw new RangeError('it does not begin with a box');
    // The parser takes the header of a box of media data for the whole and goes on where the box ends.
    const wantedBytes = type === 'mdat' ? headerBytes : sizeBytes;
    indexBytes += wantedBytes;
    if (indexBytes > maxIndexBytes) throw new RangeError(`its index is larger than ${maxIndexBytes} bytes`);
    // The end of a file that is still being written, or was cut short: what precedes it is whole.
    if (position + wantedBytes > fileBytes) return;
    appendRange(movie, position, await readRange(position, wantedBytes));
    position += sizeBytes;
  }
}

function appendRange(movie: ISOFile, position: number, bytes: Buffer): void {
  const copy = new Uint8Array(bytes);
  movie.appendBuffer(MP4BoxBuffer.fromArrayBuffer(copy.buffer, position));
}

function readBoxHeader(
  header: Buffer,
  restBytes: number,
): { type: string; headerBytes: number; sizeBytes: number } {
  const type = header.toString('latin1', 4, 8);
  const shortSize = header.readUInt32BE(0);
  const isLong = shortSize === 1 && header.length >= largestHeaderBytes;
  const headerBytes = isLong ? 16 : 8;
  const stated = isLong ? Number(header.readBigUInt64BE(8)) : shortSize;
  const sizeBytes = stated === 0 ? restBytes : stated;
  if (sizeBytes < headerBytes) throw new RangeError(`the box '${type}' is shorter than its header`);
  return { type, headerBytes, sizeBytes };
}
