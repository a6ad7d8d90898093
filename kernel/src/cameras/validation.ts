/** What a camera may look like: the bodies of creation and change, checked and turned into columns and secrets. */
import { z } from 'zod';
import type { CameraColumns, CameraSecrets } from '../store/cameras.ts';
import {
  hasControlCharacters,
  isHost,
  problemWithReplayTemplate,
  problemWithStreamUrl,
} from './address-check.ts';
import { slugOf } from './slug.ts';

/** What a new camera gets where the request says nothing. */
export interface CameraDefaults {
  readonly segmentSeconds: number;
  readonly retentionHours: number;
  /** GiB; 0: no quota. */
  readonly quotaGb: number;
  readonly recordAudio: boolean;
  readonly preRollSeconds: number;
  readonly postRollSeconds: number;
}

/** A camera's folder bears its id; file systems end at 255 bytes. */
const longestId = 200;
const gib = 2 ** 30;

const text = z.string().refine((value) => !hasControlCharacters(value), 'must not hold control characters');
const notBlank = text.refine((value) => value.trim() !== '', 'must not be blank');
const streamProfile = z.string().pipe(z.enum(['main', 'sub'], { error: "must be 'main' or 'sub'" }));
const recordMode = z.string().pipe(
  z.enum(['continuous', 'scheduled', 'event', 'scheduled_event'], {
    error: "must be 'continuous', 'scheduled', 'event' or 'scheduled_event'",
  }),
);
const streamUrl = z.string().superRefine((value, issue) => {
  const problem = problemWithStreamUrl(value);
  if (problem !== null) issue.addIssue({ code: 'custom', message: problem });
});
const replayTemplate = z.string().superRefine((value, issue) => {
  const problem = problemWithReplayTemplate(value);
  if (problem !== null) issue.addIssue({ code: 'custom', message: problem });
});
const address = z
  .string()
  .refine(
    (value) => value.trim() === '' || isHost(value.trim()),
    'must be a host name or an IP address, without scheme, port, path or credentials',
  );
const port = z.int().min(1, 'must be 1 to 65535').max(65_535, 'must be 1 to 65535');
const quota = z.int().min(0, 'must not be negative');
const timeZone = z.string().refine(isTimeZone, 'must be an IANA time zone, for instance Europe/Berlin');
const clamped = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  z.int().transform((value) => Math.min(max, Math.max(min, value)));

/** Members that creation and change have in common. */
const shared = {
  site_id: text.nullish(),
  model: text.nullish(),
  address: address.nullish(),
  rtsp_port: port.nullish(),
  username: text.nullish(),
  password: text.nullish(),
  main_stream_url: streamUrl.nullish(),
  sub_stream_url: streamUrl.nullish(),
  record_stream: streamProfile.nullish(),
  capabilities: z.unknown().optional(),
  record_enabled: z.boolean().nullish(),
  segment_seconds: clamped(2, 3600).nullish(),
  retention_hours: clamped(1).nullish(),
  storage_quota_bytes: quota.nullish(),
  record_audio: z.boolean().nullish(),
  record_mode: recordMode.nullish(),
  pre_roll_seconds: clamped(0, 300).nullish(),
  post_roll_seconds: clamped(0, 3600).nullish(),
  mirror_enabled: z.boolean().nullish(),
  anr_enabled: z.boolean().nullish(),
  anr_replay_url_template: replayTemplate.nullish(),
  time_zone: timeZone.nullish(),
  recordings_root: text.nullish(),
  enabled: z.boolean().nullish(),
};

export const cameraCreateBody = z
  .object({
    id: z
      .string()
      .refine((value) => slugOf(value).length <= longestId, `must not be longer than ${longestId} characters`)
      .nullish(),
    name: notBlank,
    vendor: notBlank.optional(),
    ...shared,
  })
  .meta({ id: 'NewCamera' });

/**
 * Absent keeps a value. `null` clears one that can be null (`site_id`, `model`, `address`, `username`, `password`, the stream
 * URLs, `storage_quota_bytes`, `anr_replay_url_template`, `time_zone`, `recordings_root`) and keeps any other.
 */
export const cameraUpdateBody = z
  .object({
    name: notBlank.nullish(),
    vendor: notBlank.nullish(),
    ...shared,
  })
  .meta({ id: 'CameraChange' });

export type CameraCreateBody = z.output<typeof cameraCreateBody>;
export type CameraUpdateBody = z.output<typeof cameraUpdateBody>;

export interface NewCamera {
  readonly id: string;
  readonly columns: CameraColumns;
  readonly secrets: CameraSecrets;
}

/** The rows of a new camera. */
export function newCamera(body: CameraCreateBody, defaults: CameraDefaults): NewCamera {
  const quotaBytes = Math.round(defaults.quotaGb * gib);
  return {
    id: slugOf(body.id ?? body.name).slice(0, longestId),
    columns: {
      siteId: body.site_id ?? null,
      name: body.name,
      vendor: body.vendor ?? 'generic',
      model: body.model ?? null,
      address: blankAsNull(body.address),
      rtspPort: body.rtsp_port ?? 554,
      username: body.username ?? null,
      recordStream: body.record_stream ?? 'main',
      codec: null,
      resolutionMain: null,
      resolutionSub: null,
      fpsMain: null,
      fpsSub: null,
      capabilities: body.capabilities ?? {},
      recordEnabled: body.record_enabled ?? true,
      segmentSeconds: body.segment_seconds ?? defaults.segmentSeconds,
      retentionHours: body.retention_hours ?? defaults.retentionHours,
      storageQuotaBytes: body.storage_quota_bytes ?? (quotaBytes > 0 ? quotaBytes : null),
      recordAudio: body.record_audio ?? defaults.recordAudio,
      recordMode: body.record_mode ?? 'continuous',
      preRollSeconds: body.pre_roll_seconds ?? defaults.preRollSeconds,
      postRollSeconds: body.post_roll_seconds ?? defaults.postRollSeconds,
      mirrorEnabled: body.mirror_enabled ?? false,
      anrEnabled: body.anr_enabled ?? false,
      enabled: body.enabled ?? true,
      timeZone: body.time_zone ?? null,
      recordingsRoot: blankAsNull(body.recordings_root),
    },
    secrets: {
      password: body.password ?? null,
      mainStreamUrl: body.main_stream_url?.trim() ?? null,
      subStreamUrl: body.sub_stream_url?.trim() ?? null,
      anrReplayUrlTemplate: blankAsNull(body.anr_replay_url_template),
    },
  };
}

export interface CameraChange {
  readonly columns: Partial<CameraColumns>;
  readonly secrets: Partial<CameraSecrets>;
}

/** The columns and secrets a change touches, after the rule on `null` of `cameraUpdateBody`. */
export function cameraChange(body: CameraUpdateBody): CameraChange {
  const template = body.anr_replay_url_template;
  return {
    columns: given({
      siteId: body.site_id,
      name: body.name ?? undefined,
      vendor: body.vendor ?? undefined,
      model: body.model,
      address: body.address === undefined ? undefined : blankAsNull(body.address),
      rtspPort: body.rtsp_port ?? undefined,
      username: body.username,
      recordStream: body.record_stream ?? undefined,
      capabilities: body.capabilities ?? undefined,
      recordEnabled: body.record_enabled ?? undefined,
      segmentSeconds: body.segment_seconds ?? undefined,
      retentionHours: body.retention_hours ?? undefined,
      storageQuotaBytes: body.storage_quota_bytes,
      recordAudio: body.record_audio ?? undefined,
      recordMode: body.record_mode ?? undefined,
      preRollSeconds: body.pre_roll_seconds ?? undefined,
      postRollSeconds: body.post_roll_seconds ?? undefined,
      mirrorEnabled: body.mirror_enabled ?? undefined,
      anrEnabled: body.anr_enabled ?? undefined,
      enabled: body.enabled ?? undefined,
      timeZone: body.time_zone,
      recordingsRoot: body.recordings_root === undefined ? undefined : blankAsNull(body.recordings_root),
    }),
    secrets: given({
      password: body.password,
      mainStreamUrl: body.main_stream_url?.trim() ?? body.main_stream_url,
      subStreamUrl: body.sub_stream_url?.trim() ?? body.sub_stream_url,
      // Blank leaves the old value.
      anrReplayUrlTemplate: template?.trim() === '' ? undefined : (template?.trim() ?? template),
    }),
  };
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

function given<T extends object>(values: T): Given<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
}

function blankAsNull(value: string | null | undefined): string | null {
  const trimmed = value?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
