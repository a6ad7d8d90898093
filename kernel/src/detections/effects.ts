/** What a consumer asked for during one call: recorded, then committed whole or dropped whole. */
import type { Effects, EmitOptions, Statement } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';
import { eventTime } from '../events/event-time.ts';
import { asUuid, derivedHex } from '../ids.ts';
import type { EventTypes } from '../plugins/event-types.ts';
import { renderStatement } from '../plugins/statement.ts';
import type { LaneStep, NewEvent, NewEvidence, PluginWrite } from '../store/units.ts';
import type { LaneState } from './lane-state.ts';

/** What a call is about: a record, or a tick at T. */
export interface Cause {
  /** Part of every derived id: `s<sequence>` or `t<T>`. */
  readonly key: string;
  /** Log time, ms. */
  readonly now: number;
  readonly cameraId: string | null;
  readonly siteId: string | null;
  readonly frameId: string | null;
  readonly frame: { readonly capturedAt: number } | null;
}

export interface EffectScope {
  readonly plugin: string;
  readonly consumer: string;
  readonly lane: number;
  readonly storeId: string;
  readonly events: EventTypes;
  /** Resolves once all earlier effects of this lane are committed. */
  settled(): Promise<void>;
  /** Runs a query on the reading connection. */
  read(query: Statement): unknown[];
}

export interface RecordedEffects {
  readonly fx: Effects<Record<string, unknown>>;
  /** The step to commit; false when there is nothing to commit. */
  readonly step: Pick<LaneStep, 'writes' | 'events' | 'evidence' | 'state'>;
  isEmpty(): boolean;
  /** The call resolved: its state changes hold for the next call of the lane. */
  keep(): void;
  /** The call is over: further use is refused. */
  close(): void;
}

const evidenceName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,200}\.jpg$/;

export function isEvidenceName(name: string): boolean {
  return evidenceName.test(name);
}

export function recordEffects(scope: EffectScope, cause: Cause, laneState: LaneState): RecordedEffects {
  const writes: PluginWrite[] = [];
  const events: NewEvent[] = [];
  const evidence: NewEvidence[] = [];
  const opened = laneState.open();
  let ids = 0;
  let isOpen = true;

  const use = (what: string) => {
    if (!isOpen)
      throw new HeldarError(
        'effect_refused',
        `${scope.plugin}.${scope.consumer} used fx.${what} after its call had ended; await everything before consume resolves`,
      );
  };
  const derive = (kind: string) =>
    derivedHex(cause.now, scope.storeId, scope.plugin, scope.consumer, scope.lane, cause.key, kind, ids++);

  const fx: Effects<Record<string, unknown>> = {
    now: cause.now,
    state: opened.state,
    id(prefix) {
      use('id');
      return `${prefix}_${derive('id')}`;
    },
    write(statement) {
      use('write');
      writes.push(renderStatement(statement));
    },
    emit(...[type, payload, options]: [string, unknown, EmitOptions?]) {
      use('emit');
      const checked = scope.events.checked(type, payload);
      const id = asUuid(derive('event'));
      events.push({
        id,
        cameraId: options?.cameraId === undefined ? cause.cameraId : options.cameraId,
        siteId: cause.siteId,
        type: checked.type,
        severity: options?.severity ?? 'info',
        atMs: eventTime(options?.timestamp ?? cause.now, `${scope.plugin}.${scope.consumer}`),
        payload: checked.payload,
        source: scope.plugin,
      });
      return id;
    },
    keepFrame(name) {
      use('keepFrame');
      if (!isEvidenceName(name))
        throw new HeldarError(
          'effect_refused',
          `fx.keepFrame('${name}'): expected a plain file name ending in .jpg`,
        );
      if (cause.frame === null || cause.cameraId === null) return null;
      evidence.push({
        file: name,
        cameraId: cause.cameraId,
        frameId: cause.frameId,
        capturedAt: cause.frame.capturedAt,
      });
      return `/media/snapshots/${name}`;
    },
    async read<Row>(query: Statement) {
      use('read');
      await scope.settled();
      return scope.read(query) as Row[];
    },
  };

  return {
    fx,
    step: { writes, events, evidence, state: opened.delta },
    isEmpty: () => writes.length + events.length + evidence.length + opened.delta.size === 0,
    keep: opened.keep,
    close() {
      isOpen = false;
      opened.close();
    },
  };
}
