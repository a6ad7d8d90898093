/** Which ffmpeg and ffprobe are used, and can they do what is asked of them? */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { execa } from 'execa';
import { HeldarError } from '../errors.ts';
import { missingOptions } from './tool-options.ts';

export interface MediaTools {
  /** Absolute. */
  readonly ffmpeg: string;
  readonly ffprobe: string;
  /** `setpriv`, which ties a child to the life of its parent; null where it does not exist. */
  readonly setpriv: string | null;
  /** As the program prints it, e.g. `5.1.9`. */
  readonly version: string;
}

/** For a kernel without a media side: whoever asks for a program after all learns why there is none. */
export const noMediaTools: MediaTools = {
  get ffmpeg() {
    return refuseTool('ffmpeg');
  },
  get ffprobe() {
    return refuseTool('ffprobe');
  },
  setpriv: null,
  version: 'none',
};

function refuseTool(name: string): never {
  throw new HeldarError(
    'unavailable',
    `this kernel was created with media: false and does not use ${name}; create it without that option`,
  );
}

/** The scripts that keep credentials off the command line need the `option` directive, new in 5.0. */
const oldestMajor = 5;

/** @throws HeldarError `media_failed` when a program is missing, does not run, is too old, or lacks an option that recording uses. */
export async function findMediaTools(
  options: { ffmpegBin?: string; ffprobeBin?: string } = {},
): Promise<MediaTools> {
  const [ffmpeg, ffprobe, setpriv] = await Promise.all([
    required(options.ffmpegBin ?? 'ffmpeg', 'HELDAR_FFMPEG_BIN'),
    required(options.ffprobeBin ?? 'ffprobe', 'HELDAR_FFPROBE_BIN'),
    process.platform === 'linux' ? findProgram('setpriv') : null,
  ]);
  // Its full help takes no longer than its version, and says both.
  const [help] = await Promise.all([outputOf(ffmpeg, ['-h', 'full']), outputOf(ffprobe, ['-version'])]);
  const version = versionIn(help) ?? '';
  const major = Number(/^n?(\d+)\./.exec(version)?.[1] ?? Number.NaN);
  if (major < oldestMajor)
    throw new HeldarError(
      'media_failed',
      `${ffmpeg} is version ${version}; version ${oldestMajor}.0 or newer is needed`,
    );
  const missing = missingOptions(help);
  if (missing.length > 0)
    throw new HeldarError(
      'media_failed',
      `${ffmpeg} (version ${version}) lacks what recording needs: ${missing.join(', ')}; install a full build of FFmpeg, or set HELDAR_FFMPEG_BIN`,
    );
  return { ffmpeg, ffprobe, setpriv, version };
}

async function required(name: string, variable: string): Promise<string> {
  const found = await findProgram(name);
  if (found === null)
    throw new HeldarError('media_failed', `${name} was not found; install FFmpeg, or set ${variable}`);
  return found;
}

/** The absolute path of a program given by name or path, or null. */
async function findProgram(name: string): Promise<string | null> {
  const candidates =
    isAbsolute(name) || name.includes('/')
      ? [resolve(name)]
      : (process.env['PATH'] ?? '')
          .split(delimiter)
          .filter((folder) => folder !== '')
          .map((folder) => resolve(join(folder, name)));
  for (const candidate of candidates)
    try {
      await access(candidate, constants.X_OK);
      return candidate;
    } catch {
      continue;
    }
  return null;
}

/** All that it prints, its version included. */
async function outputOf(program: string, args: readonly string[]): Promise<string> {
  const result = await execa(program, args, { all: true, reject: false, timeout: 10_000, stdin: 'ignore' });
  if (versionIn(result.all) === undefined)
    throw new HeldarError('media_failed', `${program} does not run: ${result.shortMessage ?? result.stderr}`);
  return result.all;
}

function versionIn(output: string): string | undefined {
  return /version (\S+)/.exec(output)?.[1];
}
