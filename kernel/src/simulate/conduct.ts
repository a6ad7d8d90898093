/** In which ways does the camera misbehave at the moment? */
import type { RtspStatus } from './rtsp-message.ts';

export interface Conduct {
  /** Sends no packets, to nobody, and goes on answering. */
  isFrozen: boolean;
  /** Sends nothing and answers nothing; whoever connects waits. */
  isHanging: boolean;
  /** The tracks of sound send nothing. */
  isMuted: boolean;
  /** Answers each request with this. */
  refusal: RtspStatus | null;
}

export function goodConduct(): Conduct {
  return { isFrozen: false, isHanging: false, isMuted: false, refusal: null };
}
