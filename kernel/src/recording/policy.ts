/** Should this camera be recorded now, until when, and why or why not? */
import type { CameraRow } from '../store/cameras.ts';
import type { WindowState } from './windows.ts';

/** What recording is meant for. */
export type RecordingReason = 'continuous' | 'scheduled' | 'event';

/** `until`: when it may be decided otherwise without any change of the camera, ms since the epoch; null: never. */
export type RecordingDecision =
  | { readonly do: 'record'; readonly reason: RecordingReason; readonly until: number | null }
  /** Wait for a trigger; what is needed for the pre-roll is kept meanwhile. */
  | { readonly do: 'arm'; readonly detail: string; readonly until: number | null }
  /** Nothing, for as long as it is outside its windows. */
  | { readonly do: 'rest'; readonly detail: string; readonly until: number | null }
  /** Nothing: somebody switched it off. */
  | { readonly do: 'nothing'; readonly detail: string; readonly until: null };

export interface RecordingFacts {
  readonly camera: Pick<CameraRow, 'enabled' | 'recordEnabled' | 'recordMode'>;
  /** The recorder's master switch. */
  readonly recorderEnabled: boolean;
  /** Of the camera's enabled windows, now. */
  readonly window: WindowState;
  /** Until when a trigger has it recorded, ms since the epoch; null: no trigger counts now. */
  readonly triggeredUntil: number | null;
}

export function decideRecording(facts: RecordingFacts): RecordingDecision {
  const { camera, window } = facts;
  const off = switchedOff(facts);
  if (off !== null) return { do: 'nothing', detail: off, until: null };
  switch (camera.recordMode) {
    case 'continuous':
      return { do: 'record', reason: 'continuous', until: null };
    case 'scheduled':
      return window.isOpen ? inWindow(window) : outsideWindows(window);
    case 'event':
      return triggered(facts, null) ?? armed(null);
    case 'scheduled_event':
      if (window.isOpen) return inWindow(window);
      return triggered(facts, window.changesAt) ?? armed(window.changesAt);
  }
}

/** Why no trigger can have this camera recorded, or null. */
export function whyNoTrigger({
  camera,
  recorderEnabled,
}: Pick<RecordingFacts, 'camera' | 'recorderEnabled'>): string | null {
  const off = switchedOff({ camera, recorderEnabled });
  if (off !== null) return off;
  return takesTriggers(camera)
    ? null
    : `record_mode is '${camera.recordMode}'; triggers need 'event' or 'scheduled_event'`;
}

export function takesTriggers({ recordMode }: Pick<CameraRow, 'recordMode'>): boolean {
  return recordMode === 'event' || recordMode === 'scheduled_event';
}

function switchedOff({
  camera,
  recorderEnabled,
}: Pick<RecordingFacts, 'camera' | 'recorderEnabled'>): string | null {
  if (!recorderEnabled) return 'the recorder is switched off (HELDAR_RECORDER_ENABLED)';
  if (!camera.enabled) return 'the camera is disabled';
  if (!camera.recordEnabled) return 'recording is disabled for this camera';
  return null;
}

function inWindow({ changesAt }: WindowState): RecordingDecision {
  return { do: 'record', reason: 'scheduled', until: changesAt };
}

function outsideWindows({ changesAt }: WindowState): RecordingDecision {
  const detail =
    changesAt === null
      ? 'outside its windows: none is enabled; add a schedule'
      : `outside its windows until ${new Date(changesAt).toISOString()}`;
  return { do: 'rest', detail, until: changesAt };
}

function triggered({ triggeredUntil }: RecordingFacts, opensAt: number | null): RecordingDecision | null {
  if (triggeredUntil === null) return null;
  return { do: 'record', reason: 'event', until: Math.min(triggeredUntil, opensAt ?? triggeredUntil) };
}

function armed(opensAt: number | null): RecordingDecision {
  return { do: 'arm', detail: 'armed: waits for a trigger', until: opensAt };
}
