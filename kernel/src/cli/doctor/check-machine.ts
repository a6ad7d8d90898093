/** Can this machine run the kernel: the right Node, and an ffmpeg that does what is asked of it? */
import type { ResolvedConfig } from '../../config/load-config.ts';
import { messageOf } from '../../errors.ts';
import { findMediaTools } from '../../media/tools.ts';
import { kernelVersion } from '../../version.ts';
import type { Finding } from './checks.ts';

export async function* checkMachine({ settings }: ResolvedConfig): AsyncGenerator<Finding> {
  // The entry of the command refuses older ones before it loads anything.
  yield { ok: true, text: `Node ${process.versions.node}, heldar ${kernelVersion}` };
  try {
    const { ffmpeg, ffprobe, version } = await findMediaTools(settings.media);
    yield { ok: true, text: `ffmpeg ${version} (${ffmpeg}, ${ffprobe})` };
  } catch (error) {
    yield {
      ok: false,
      text: `ffmpeg: ${messageOf(error)}`,
      next: 'install FFmpeg with the package manager, or name it: HELDAR_FFMPEG_BIN, HELDAR_FFPROBE_BIN',
    };
  }
}
