/** Footage as other cameras send it: made of the sample by ffmpeg, once a machine, outside the repository. */
import { createHash } from 'node:crypto';
import { access, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

export const street = fileURLToPath(new URL('../../examples/media/street.mp4', import.meta.url));
const cache = fileURLToPath(new URL('../../node_modules/.cache/heldar-footage', import.meta.url));

const h264 = '-c:v libx264 -preset ultrafast -bf 0 -sc_threshold 0';
const keyFrameEvery = (frames: number) => `-g ${frames} -keyint_min ${frames}`;

/** Arguments of ffmpeg between input and output. */
const recipes = {
  /** A key frame each second, as in the sample. */
  h265:
    '-t 20 -c:v libx265 -preset ultrafast -tag:v hvc1 ' +
    '-x265-params log-level=error:keyint=10:min-keyint=10:scenecut=0:bframes=0',
  /** 320x240. */
  small: `-t 20 -vf scale=320:240 ${h264} ${keyFrameEvery(10)}`,
  /** 60 kbit/s, a key frame every 10 s. */
  sparse: `-t 60 -vf scale=320:240 ${h264} ${keyFrameEvery(100)} -b:v 60k -maxrate 60k -bufsize 120k`,
  /** 4 Mbit/s of 720p at 25 frames a second, a key frame every 2 s. */
  dense:
    `-t 20 -vf scale=1280:720,fps=25,noise=alls=14:allf=t ${h264} ${keyFrameEvery(50)} ` +
    '-b:v 4M -maxrate 4M -bufsize 4M',
} as const;

export type Footage = keyof typeof recipes | 'street';

export function isFootage(name: string | undefined): name is Footage {
  return name === 'street' || (name !== undefined && Object.hasOwn(recipes, name));
}

const underWay = new Map<Footage, Promise<string>>();

/** The path of the file. */
export function footage(kind: Footage): Promise<string> {
  if (kind === 'street') return Promise.resolve(street);
  const made = underWay.get(kind) ?? make(kind);
  underWay.set(kind, made);
  return made;
}

async function make(kind: keyof typeof recipes): Promise<string> {
  const recipe = recipes[kind];
  const digest = createHash('sha256').update(recipe).digest('hex').slice(0, 12);
  const file = join(cache, `${kind}-${digest}.mp4`);
  if (await exists(file)) return file;
  await mkdir(cache, { recursive: true });
  // Several test files may want it at once: each makes its own, and the last one stays.
  const draft = join(cache, `${kind}-${digest}.${process.pid}.mp4`);
  await execa('ffmpeg', ['-nostdin', '-y', '-v', 'error', '-i', street, '-an', ...recipe.split(' '), draft]);
  await rename(draft, file);
  return file;
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
