/** What a route, job or handler of a plugin asked for: recorded, then committed as one unit or not at all. */
import type { AuditNote, EmitOptions, EventSchemas, Tx } from '@heldar/plugin-sdk';
import { newAudit } from '../audit/new-audit.ts';
import { HeldarError } from '../errors.ts';
import { asUuid, newHex, newId } from '../ids.ts';
import type { ChangeUnit, NewAudit, NewEvent, NewRecord, PluginWrite } from '../store/units.ts';
import type { EventTypes } from './event-types.ts';
import { checkedChange, type Allowed } from './isolation/checked-effects.ts';
import type { TxReply } from './isolation/protocol.ts';
import { payloadText } from './payloads.ts';
import { renderStatement } from './statement.ts';

export interface TxRecorder {
  readonly tx: Tx<Record<string, unknown>, Record<string, unknown>>;
  /** The unit to commit; null when nothing was asked for. Later use of `tx` is refused. */
  unit(): ChangeUnit | null;
}

export interface TxOwner {
  readonly plugin: string;
  readonly events: EventTypes;
  readonly recordTypes: ReadonlySet<string>;
  /** Schemas of the payloads of its records, by type; without one the payload is taken as it is. */
  readonly records?: EventSchemas;
  siteOf(cameraId: string): string | null;
}

/** How to add to a transaction what was recorded elsewhere. */
const adoptions = new WeakMap<object, (allowed: Allowed, change: TxReply) => void>();

/** Takes what a plugin's isolate recorded for this call. @throws HeldarError `effect_refused` for what is not the plugin's to do. */
export function adoptChange(tx: object, allowed: Allowed, change: TxReply): void {
  const adopt = adoptions.get(tx);
  if (adopt === undefined) throw new HeldarError('internal', 'this tx takes no effects of an isolate');
  adopt(allowed, change);
}

export function recordTx(owner: TxOwner, now: number): TxRecorder {
  const writes: PluginWrite[] = [];
  const events: NewEvent[] = [];
  const records: NewRecord[] = [];
  const notes: NewAudit[] = [];
  let isOpen = true;
  const use = (what: string) => {
    if (!isOpen)
      throw new HeldarError(
        'effect_refused',
        `${owner.plugin} used tx.${what} after its call had ended; await everything before it resolves`,
      );
  };
  const tx: TxRecorder['tx'] = {
    now,
    id: (prefix) => newId(prefix, now),
    write(statement, options) {
      use('write');
      const expectChanges = options?.expectChanges;
      writes.push({
        ...renderStatement(statement),
        ...(expectChanges === undefined ? {} : { expectChanges }),
      });
    },
    emit(...[type, payload, options]: [string, unknown, EmitOptions?]) {
      use('emit');
      const checked = owner.events.checked(type, payload);
      const id = asUuid(newHex(now));
      const cameraId = options?.cameraId ?? null;
      events.push({
        id,
        cameraId,
        siteId: cameraId === null ? null : owner.siteOf(cameraId),
        type: checked.type,
        severity: options?.severity ?? 'info',
        atMs: Math.trunc(options?.timestamp ?? now),
        payload: checked.payload,
        source: owner.plugin,
      });
      return id;
    },
    record(type, payload, { cameraId }) {
      use('record');
      if (!owner.recordTypes.has(type))
        throw new HeldarError(
          'effect_refused',
          `${owner.plugin} records '${type}', which its manifest does not declare; add it to 'records' in definePlugin`,
        );
      const schema = owner.records?.[type];
      const text =
        schema === undefined
          ? JSON.stringify(payload ?? null)
          : payloadText(schema, payload, `${owner.plugin}: payload of record '${type}'`);
      records.push({ type: `${owner.plugin}.${type}`, cameraId, payload: text });
    },
    audit(note) {
      use('audit');
      notes.push(auditOf(owner.plugin, note, now));
    },
  };
  adoptions.set(tx, (allowed, change) => {
    use('change');
    const checked = checkedChange(allowed, (cameraId) => owner.siteOf(cameraId), change);
    writes.push(...checked.writes);
    events.push(...checked.events);
    records.push(...checked.records);
    notes.push(...checked.audit.map((note) => auditOf(owner.plugin, note, now)));
  });
  return {
    tx,
    unit() {
      isOpen = false;
      if (writes.length + events.length + records.length + notes.length === 0) return null;
      return { kind: 'change', plugin: owner.plugin, writes, events, records, audit: notes };
    },
  };
}

/** Of what a plugin does by itself; a route puts its caller's name in place of the plugin's. */
function auditOf(plugin: string, note: AuditNote, now: number): NewAudit {
  const author = { id: `plugin:${plugin}`, name: plugin, role: null };
  return newAudit(now, author, {
    action: note.action,
    targetType: note.target,
    targetId: note.targetId ?? null,
    cameraId: note.cameraId ?? null,
    detail: note.detail ?? {},
  });
}
