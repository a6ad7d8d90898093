/** Which named writes the kernel has: each runs in the writer thread, in one savepoint. */
import * as audit from './audit.ts';
import * as apiKeys from './api-keys.ts';
import * as byProducts from './by-products.ts';
import * as cameraRemoval from './camera-removal.ts';
import * as cameras from './cameras.ts';
import * as events from './events.ts';
import * as exports from './exports.ts';
import * as gaps from './gaps.ts';
import * as garbage from './garbage.ts';
import * as intents from './intents.ts';
import * as lanes from './lanes.ts';
import * as leases from './leases.ts';
import * as log from './log.ts';
import * as mirrors from './mirrors.ts';
import * as outages from './outages.ts';
import * as parked from './parked.ts';
import * as quarantined from './quarantined.ts';
import * as schedules from './schedules.ts';
import * as segments from './segments.ts';
import * as snapshots from './snapshots.ts';
import * as tasks from './ai-tasks.ts';
import * as triggers from './triggers.ts';
import * as users from './users.ts';
import type { WriteContext } from './write-context.ts';

export const writers = {
  'events.append': events.appendEvents,
  'events.prune': events.pruneEvents,
  'log.prune': log.pruneLog,
  // For what changes nothing here: somebody looked at footage, or was turned away.
  'audit.note': audit.appendAudit,
  'audit.prune': audit.pruneAudit,
  'log.empty-camera': log.emptyDeletedCamera,
  'consumers.start': lanes.startConsumer,
  'parked.drop': parked.dropParked,
  'evidence.state': lanes.setEvidenceState,
  'cameras.create': cameras.createCamera,
  'cameras.update': cameras.updateCamera,
  'cameras.seal': cameras.sealPlainSecrets,
  'cameras.delete': cameras.deleteCamera,
  'cameras.begin-removal': cameraRemoval.beginRemoval,
  'cameras.doom-files': cameraRemoval.doomFiles,
  'cameras.end-removal': cameraRemoval.endRemoval,
  'cameras.status': cameras.setCameraStatus,
  'leases.take': leases.takeLease,
  'leases.renew': leases.renewLease,
  'leases.release': leases.releaseLease,
  'leases.end-foreign': leases.endForeignLeases,
  'leases.sweep': leases.sweepLeases,
  'clips.prune': byProducts.pruneClips,
  'snapshots.prune': byProducts.pruneSnapshots,
  'intents.change': intents.changeIntent,
  'schedules.create': schedules.createSchedule,
  'schedules.update': schedules.updateSchedule,
  'schedules.delete': schedules.deleteSchedule,
  'triggers.set': triggers.setTrigger,
  'segments.add': segments.addSegment,
  'segments.prune': segments.pruneSegments,
  'segments.preview': segments.setPreview,
  'clips.add': exports.addClip,
  'clips.finish': exports.finishClip,
  'clips.remove': exports.removeClip,
  'sessions.add': exports.addSession,
  'sessions.prolong': exports.prolongSession,
  'sessions.remove': exports.removeSession,
  'segments.forget': segments.forgetSegments,
  'segments.resize': segments.resizeSegment,
  'segments.hold': segments.holdSegment,
  'segments.tag': segments.tagSegment,
  'garbage.drop': garbage.dropGarbage,
  'quarantined.add': quarantined.addQuarantined,
  'quarantined.drop': quarantined.dropQuarantined,
  'outages.add': outages.addOutage,
  'outages.begin': outages.beginOutage,
  'outages.end': outages.endOutage,
  'gaps.retry': gaps.retryGap,
  'gaps.prune': gaps.pruneGaps,
  'mirrors.copied': mirrors.noteCopied,
  'mirrors.states': mirrors.setMirrorStates,
  'snapshot-schedules.create': snapshots.createSnapshotSchedule,
  'snapshot-schedules.update': snapshots.updateSnapshotSchedule,
  'snapshot-schedules.delete': snapshots.deleteSnapshotSchedule,
  'snapshots.detach': snapshots.detachSnapshots,
  'snapshots.failed': snapshots.noteFailedSnapshot,
  'snapshots.add': snapshots.addSnapshot,
  'users.create': users.createUser,
  'users.federate': users.federateUser,
  'users.create-first': users.createFirstUser,
  'users.update': users.updateUser,
  'users.delete': users.deleteUser,
  'user-sessions.begin': users.beginSession,
  'user-sessions.end': users.endSession,
  'user-sessions.touch': users.touchSession,
  'user-sessions.sweep': users.sweepSessions,
  'keys.create': apiKeys.createKey,
  'keys.update': apiKeys.updateKey,
  'keys.rotate': apiKeys.rotateKey,
  'keys.revoke': apiKeys.revokeKey,
  'keys.touch': apiKeys.touchKey,
  'tasks.create': tasks.createTask,
  'tasks.update': tasks.updateTask,
  'tasks.delete': tasks.deleteTask,
} as const;

export type WriterName = keyof typeof writers;
export type WriterArgs<Name extends WriterName> = Parameters<(typeof writers)[Name]>[1];
export type WriterResult<Name extends WriterName> = ReturnType<(typeof writers)[Name]>;

export function callWriter(ctx: WriteContext, name: WriterName, args: unknown): unknown {
  const write = writers[name] as (ctx: WriteContext, args: unknown) => unknown;
  return write(ctx, args);
}
