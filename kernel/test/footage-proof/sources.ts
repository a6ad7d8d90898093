/** Which cameras are recorded while processes are killed? */
import type { SimulatedProcessOptions } from '../simulated-process.ts';

export interface Source {
  readonly camera: SimulatedProcessOptions;
  readonly recordAudio: boolean;
  /** Committed once it is recorded. */
  readonly fault: string | null;
}

export const sources = {
  /** 4 Mbit/s, a key frame every 2 s. */
  dense: { camera: { footage: 'dense' }, recordAudio: false, fault: null },
  /** 60 kbit/s, a key frame every 10 s. */
  sparse: { camera: { footage: 'sparse' }, recordAudio: false, fault: null },
  /** Its sound has died. */
  muted: { camera: { footage: 'street', audio: 'g711' }, recordAudio: true, fault: 'mute' },
} as const satisfies Record<string, Source>;

export type SourceName = keyof typeof sources;
