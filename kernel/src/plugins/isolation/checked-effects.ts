/** Is what an isolate answers fit to be committed in its plugin's name? Its code is the plugin's word, not the kernel's. */
import type { AuditNote } from '@heldar/plugin-sdk';
import { HeldarError } from '../../errors.ts';
import { isEvidenceName, type Cause } from '../../detections/effects.ts';
import type { NewEvent, NewEvidence, NewRecord, PluginWrite } from '../../store/units.ts';
import type { ConsumeReply, TxReply } from './protocol.ts';
import type { RemoteAnswer } from '../../detections/remote-run.ts';

/** What a plugin may send to the journal and the log, by full name. */
export interface Allowed {
  readonly plugin: string;
  readonly events: ReadonlySet<string>;
  readonly records: ReadonlySet<string>;
}

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const severities: ReadonlySet<string> = new Set(['info', 'warning', 'critical']);

/** @throws HeldarError `effect_refused` naming what does not fit. */
export function checkedStep(allowed: Allowed, cause: Cause, reply: ConsumeReply): RemoteAnswer {
  const { writes = [], events = [], evidence = [], state = [], skipped = 0 } = reply;
  return {
    step: {
      writes: writes.map((write) => checkedWrite(allowed, write)),
      events: events.map((event) => checkedEvent(allowed, event, cause.siteId)),
      evidence: evidence.map((still) => checkedStill(allowed, cause, still)),
      state: new Map(state.map((change) => checkedState(allowed, change))),
    },
    skipped: Number.isSafeInteger(skipped) ? skipped : 0,
  };
}

/** `siteOf`: the isolate does not know which site a camera belongs to. */
export function checkedChange(
  allowed: Allowed,
  siteOf: (cameraId: string) => string | null,
  { writes, events, records, audit }: TxReply,
): TxReply {
  return {
    writes: writes.map((write) => checkedWrite(allowed, write)),
    events: events.map((event) =>
      checkedEvent(allowed, event, event.cameraId === null ? null : siteOf(event.cameraId)),
    ),
    records: records.map((record) => checkedRecord(allowed, record)),
    audit: audit.map((note) => checkedNote(allowed, note)),
  };
}

/** The store judges the statement itself. */
function checkedWrite({ plugin }: Allowed, write: PluginWrite): PluginWrite {
  if (typeof write.sql !== 'string' || !Array.isArray(write.params))
    throw refused(plugin, 'a statement that is none');
  return write;
}

function checkedEvent({ plugin, events }: Allowed, event: NewEvent, siteId: string | null): NewEvent {
  const { id, cameraId, type, severity, atMs, payload } = event;
  if (!events.has(type)) throw refused(plugin, `an event '${type}', which its manifest does not declare`);
  if (!uuid.test(id) || !severities.has(severity) || !Number.isSafeInteger(atMs))
    throw refused(plugin, `an event '${type}' with an id, a severity or a time that is none`);
  JSON.parse(payload);
  return { id, cameraId, siteId, type, severity, atMs, payload, source: plugin };
}

function checkedRecord({ plugin, records }: Allowed, record: NewRecord): NewRecord {
  const { type, cameraId, payload } = record;
  if (!records.has(type)) throw refused(plugin, `a record '${type}', which its manifest does not declare`);
  JSON.parse(payload);
  return { type, cameraId, payload };
}

function checkedNote({ plugin }: Allowed, note: AuditNote): AuditNote {
  const { action, target, targetId = null, cameraId = null, detail = {} } = note;
  const isTextOrNull = (value: unknown) => value === null || typeof value === 'string';
  if (
    typeof action !== 'string' ||
    typeof target !== 'string' ||
    !isTextOrNull(targetId) ||
    !isTextOrNull(cameraId)
  )
    throw refused(plugin, 'a note for the audit log that is none');
  return {
    action,
    target,
    targetId,
    cameraId,
    detail: JSON.parse(JSON.stringify(detail)) as object as never,
  };
}

function checkedStill({ plugin }: Allowed, cause: Cause, { file }: NewEvidence): NewEvidence {
  const { cameraId, frameId, frame } = cause;
  if (!isEvidenceName(file) || frame === null || cameraId === null)
    throw refused(plugin, `a still '${file}' that can't be kept`);
  return { file, cameraId, frameId, capturedAt: frame.capturedAt };
}

function checkedState(
  { plugin }: Allowed,
  [key, value]: readonly [string, string | null],
): readonly [string, string | null] {
  if (typeof key !== 'string' || (value !== null && typeof value !== 'string'))
    throw refused(plugin, 'state that is none');
  return [key, value];
}

function refused(plugin: string, what: string): HeldarError {
  return new HeldarError('effect_refused', `${plugin}: its isolate answered ${what}`);
}
