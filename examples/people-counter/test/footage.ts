/** What would a sampler have handed out from the footage? */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const footage = fileURLToPath(new URL('../../media/street.mp4', import.meta.url));
const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);

export interface Cut {
  readonly fromSeconds: number;
  readonly seconds: number;
  readonly fps: number;
}

/** JPEGs as a sampler makes them, 640 pixels wide, in order. */
export async function sampleFootage({ fromSeconds, seconds, fps }: Cut): Promise<Buffer[]> {
  const argv = ['-v', 'error', '-ss', String(fromSeconds), '-t', String(seconds), '-i', footage];
  argv.push('-vf', `fps=${fps},scale=640:-2`, '-c:v', 'mjpeg', '-q:v', '5', '-f', 'image2pipe', 'pipe:1');
  const { stdout } = await promisify(execFile)('ffmpeg', argv, { encoding: 'buffer', maxBuffer: 2 ** 26 });
  return splitJpegs(stdout);
}

/** The mark that ends a JPEG cannot occur inside one. */
function splitJpegs(stream: Buffer): Buffer[] {
  const jpegs: Buffer[] = [];
  let start = 0;
  for (let end = stream.indexOf(END_OF_IMAGE); end >= 0; end = stream.indexOf(END_OF_IMAGE, start)) {
    jpegs.push(stream.subarray(start, end + 2));
    start = end + 2;
  }
  return jpegs;
}
