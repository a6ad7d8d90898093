/** Does ffmpeg say that the stream's time stamps went back? Its muxer then squeezes all that follows, and closes no file. */

/** 2 s at the finest scale of a stream that is copied, 90 kHz; a frame out of order is far below. */
const farTicks = 180_000;

/** Reads a line of ffmpeg 5 to 8: `Non-monotonous DTS in output stream 0:0; previous: 9, current: 1; changing to 10. …` */
export function tellsTimeStoodBack(line: string): boolean {
  const [, previous, current] =
    /Non-monoton(?:ous|ic) DTS.*previous: (-?\d+), current: (-?\d+)/.exec(line) ?? [];
  return previous !== undefined && current !== undefined && Number(previous) - Number(current) > farTicks;
}
