/** Is sound recorded with the picture? It never costs the picture: what can't be recorded is left out. */
import type { StreamCodecs } from '../media/probe.ts';
import type { RunEnd } from './recorder.ts';

export interface AudioChoice {
  /** For the next attempt. */
  isWanted(): boolean;
  /** An attempt is over. */
  ended(end: Pick<RunEnd, 'reason' | 'recordedMs' | 'detail'>, streams: StreamCodecs | null): void;
  /** Called when pictures flow: which sound is missing in them although it was wanted and is there, and why; else null. */
  lost(streams: StreamCodecs | null): { codec: string; detail: string } | null;
}

/** Not even the program that reads the stream knows what this is. */
export const unknownCodec = 'unknown';

/** A connection may break once as it is made; sound that can't be recorded fails each time. */
const failuresToSuspect = 2;

/**
 * Attempts that gave nothing although the stream could be opened may have failed by its sound, two that ended in a row or one that waited for
 * it: the next one does without. When that one records, the sound was it, and it stays out; when not, it was not.
 */
export function createAudioChoice(isAsked: boolean): AudioChoice {
  let suspicion: string | null = null;
  let isConfirmed = false;
  /** Attempts in a row that ended with sound and without a picture. */
  let failures = 0;
  return {
    isWanted: () => isAsked && suspicion === null,
    ended(end, streams) {
      if (!isAsked || isConfirmed) return;
      // Sound that is announced and never comes keeps ffmpeg from writing anything while it is to be encoded.
      const gaveNothing = (end.reason === 'ended' || end.reason === 'no-output') && end.recordedMs === 0;
      const hadSound = suspicion === null && isRecordable(streams);
      failures = gaveNothing && hadSound ? failures + 1 : 0;
      const isSuspect = failures >= failuresToSuspect || (failures > 0 && end.reason === 'no-output');
      suspicion = isSuspect ? end.detail : null;
    },
    lost(streams) {
      const codec = streams?.audioCodec ?? null;
      if (!isAsked || codec === null) return null;
      if (codec === unknownCodec) return { codec, detail: 'its format is not known' };
      if (suspicion === null) return null;
      isConfirmed = true;
      return { codec, detail: suspicion };
    },
  };
}

function isRecordable(streams: StreamCodecs | null): boolean {
  return streams !== null && streams.audioCodec !== null && streams.audioCodec !== unknownCodec;
}
