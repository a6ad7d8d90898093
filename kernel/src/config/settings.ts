/** Which settings the kernel knows: variable, type, default, bounds and meaning of each, in one table. */
import { join } from 'node:path';
import { proxiesProblem } from '../http/client-address.ts';
import { problemWithRoots } from '../recording/root-settings.ts';
import { secretKeyProblem } from '../secrets/secret-key.ts';
import { databaseUrlFor } from './database-url.ts';
import type { Setting, SettingPath, ValueAt } from './setting-types.ts';

export type { Setting, SettingPath, Settings } from './setting-types.ts';

/** Every setting by its place in a composition; a missing or an extra row does not compile. */
export const settingsTable: { readonly [Path in SettingPath]: Setting<ValueAt<Path>> } = {
  siteId: {
    variable: 'HELDAR_SITE_ID',
    type: 'string',
    default: null,
    meaning: 'Label of this site, shown by `/api/v1/site`.',
  },
  'api.host': {
    variable: 'HELDAR_API_HOST',
    type: 'string',
    default: '127.0.0.1',
    meaning:
      'Address to listen on. Sign-in is off by default, so other machines are let in only on request (`0.0.0.0`).',
  },
  'api.port': {
    variable: 'HELDAR_API_PORT',
    type: 'int',
    default: 8000,
    min: 0,
    max: 65535,
    outside: 'refuse',
    meaning: 'Port to listen on; 0 takes a free one.',
  },
  'api.corsOrigins': {
    variable: 'HELDAR_CORS_ORIGINS',
    type: 'list',
    default: ['http://localhost:5173'],
    meaning:
      "Origins that browsers may call from. `*` allows all; a list with no items (`,`) only the server's own.",
  },
  'api.minRecordingPercent': {
    variable: 'HELDAR_READYZ_MIN_RECORDING_PERCENT',
    type: 'number',
    default: 0,
    min: 0,
    meaning: '`/readyz` fails while a smaller share of the cameras records; 0 switches the check off.',
  },
  'auth.enabled': {
    variable: 'HELDAR_AUTH_ENABLED',
    type: 'bool',
    default: false,
    meaning:
      'Every request needs a session or an API key, but the probes, `/api/v1/site` and the sign-in itself.',
  },
  'auth.sessionHours': {
    variable: 'HELDAR_SESSION_TTL_HOURS',
    type: 'int',
    default: 12,
    min: 1,
    max: 8760,
    meaning: 'How long a session lasts, used or not.',
  },
  'auth.idleMinutes': {
    variable: 'HELDAR_SESSION_IDLE_MINUTES',
    type: 'int',
    default: 0,
    min: 0,
    meaning: 'A session that is not used for longer is over; 0: however long.',
  },
  'auth.cookieSecure': {
    variable: 'HELDAR_AUTH_COOKIE_SECURE',
    type: 'bool',
    default: false,
    meaning: 'The cookie of a session is for HTTPS only, also where the kernel sees no HTTPS itself.',
  },
  'auth.trustedProxies': {
    variable: 'HELDAR_TRUSTED_PROXIES',
    type: 'list',
    default: [],
    refuse: proxiesProblem,
    meaning:
      'Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` count: addresses, networks as `10.0.0.0/8`, `loopback`, `linklocal`, `uniquelocal`.',
  },
  'auth.bootstrapUser': {
    variable: 'HELDAR_BOOTSTRAP_ADMIN_USER',
    type: 'string',
    default: null,
    meaning: 'Name of the first administrator, made at a start with sign-in while there is no user.',
  },
  'auth.bootstrapPassword': {
    variable: 'HELDAR_BOOTSTRAP_ADMIN_PASSWORD',
    type: 'string',
    default: null,
    secret: true,
    meaning: 'Its password, at least 8 bytes; one that is too short keeps the kernel from starting.',
  },
  publicUrl: {
    variable: 'HELDAR_PUBLIC_URL',
    type: 'string',
    default: null,
    meaning:
      'Where browsers reach this server, as `https://nvr.example.org`; sign-in at another server needs it.',
  },
  'oidc.issuer': {
    variable: 'HELDAR_OIDC_ISSUER',
    type: 'string',
    default: null,
    meaning: 'OpenID Connect: the server that people sign in at; unset: only here.',
  },
  'oidc.clientId': {
    variable: 'HELDAR_OIDC_CLIENT_ID',
    type: 'string',
    default: null,
    meaning: 'As what that server knows this site.',
  },
  'oidc.clientSecret': {
    variable: 'HELDAR_OIDC_CLIENT_SECRET',
    type: 'string',
    default: null,
    secret: true,
    meaning: 'With which secret; unset: none (a public client).',
  },
  'oidc.scopes': {
    variable: 'HELDAR_OIDC_SCOPES',
    type: 'list',
    default: ['openid', 'profile', 'email'],
    meaning: 'What it is asked to tell.',
  },
  'oidc.roleClaim': {
    variable: 'HELDAR_OIDC_ROLE_CLAIM',
    type: 'string',
    default: 'groups',
    meaning: 'The claim in which it names the groups of a person.',
  },
  'oidc.roles': {
    variable: 'HELDAR_OIDC_ROLES',
    type: 'list',
    default: [],
    meaning: 'Which role a group gives, as `nvr-admins=admin,nvr-users=viewer`; the first that fits counts.',
  },
  'oidc.defaultRole': {
    variable: 'HELDAR_OIDC_DEFAULT_ROLE',
    type: 'string',
    default: null,
    meaning: 'Role of who is in none of these groups; unset: is not let in.',
  },
  'secrets.key': {
    variable: 'HELDAR_SECRET_KEY',
    type: 'string',
    default: null,
    secret: true,
    refuse: secretKeyProblem,
    meaning:
      'What secrets in the database are sealed with: 32 bytes as 64 hex digits or base64. Unset: that of the file.',
  },
  'secrets.keyFile': {
    variable: 'HELDAR_SECRET_KEY_FILE',
    type: 'path',
    default: { shown: '<data>/secret.key', from: (dataDir) => join(dataDir, 'secret.key') },
    meaning:
      'A file with that key, made when there is none and nothing is sealed yet. Keep it where copies of the database do not go.',
  },
  dataDir: {
    variable: 'HELDAR_DATA_DIR',
    type: 'path',
    default: './data',
    meaning: 'Root of the database and the folders below.',
  },
  databaseUrl: {
    variable: 'HELDAR_DATABASE_URL',
    type: 'database',
    default: {
      shown: 'sqlite://<data>/heldar.db',
      from: (dataDir) => databaseUrlFor(join(dataDir, 'heldar.db')),
    },
    meaning: 'Database; only SQLite is supported.',
  },
  recordingsDir: {
    variable: 'HELDAR_RECORDINGS_DIR',
    type: 'path',
    default: { shown: '<data>/recordings', from: (dataDir) => join(dataDir, 'recordings') },
    meaning: 'Segments, one folder per camera.',
  },
  mirrorDir: {
    variable: 'HELDAR_MIRROR_RECORDINGS_DIR',
    type: 'path',
    default: null,
    meaning: 'Second copy of the segments of cameras with `mirror_enabled`; unset: none is made.',
  },
  ringDir: {
    variable: 'HELDAR_RING_DIR',
    type: 'path',
    default: { shown: '<data>/ring', from: (dataDir) => join(dataDir, 'ring') },
    meaning: 'What armed cameras keep from before a trigger; may be in memory. Nobody else may use it.',
  },
  snapshotsDir: {
    variable: 'HELDAR_SNAPSHOTS_DIR',
    type: 'path',
    default: { shown: '<data>/snapshots', from: (dataDir) => join(dataDir, 'snapshots') },
    meaning: 'Evidence stills, and those of schedules, one folder per camera.',
  },
  framesDir: {
    variable: 'HELDAR_FRAMES_DIR',
    type: 'path',
    default: { shown: '<data>/frames', from: (dataDir) => join(dataDir, 'frames') },
    meaning:
      'Accepted for compositions that name it; sampled frames are kept in memory, and nothing is written there.',
  },
  clipsDir: {
    variable: 'HELDAR_CLIPS_DIR',
    type: 'path',
    default: { shown: '<data>/clips', from: (dataDir) => join(dataDir, 'clips') },
    meaning: 'Exported clips.',
  },
  playbackDir: {
    variable: 'HELDAR_PLAYBACK_DIR',
    type: 'path',
    default: { shown: '<data>/playback', from: (dataDir) => join(dataDir, 'playback') },
    meaning:
      'Accepted for compositions that name it; review sessions are served out of the recordings, and nothing is written there.',
  },
  'recorder.enabled': {
    variable: 'HELDAR_RECORDER_ENABLED',
    type: 'bool',
    default: true,
    meaning: 'Master switch of the recorder.',
  },
  'recorder.roots': {
    variable: 'HELDAR_RECORDINGS_ROOTS',
    type: 'list',
    default: [],
    meaning:
      'Further places for recordings, each `name=/absolute/path`. A camera names one as its `recordings_root`; without, it is recorded to the recordings folder.',
    refuse: problemWithRoots,
  },
  'recorder.indexerIntervalSeconds': {
    variable: 'HELDAR_INDEXER_INTERVAL_S',
    type: 'int',
    default: 10,
    min: 2,
    meaning:
      'Seconds between two rounds of upkeep of the index: what could not be indexed or deleted is tried again.',
  },
  'snapshotScheduler.enabled': {
    variable: 'HELDAR_SNAPSHOT_SCHEDULER_ENABLED',
    type: 'bool',
    default: true,
    meaning: 'Whether stills are taken at the intervals of their schedules.',
  },
  'snapshotScheduler.intervalSeconds': {
    variable: 'HELDAR_SNAPSHOT_SCHEDULER_INTERVAL_S',
    type: 'int',
    default: 60,
    min: 5,
    meaning:
      'Seconds after which the schedules are looked at again at the latest; what is due does not wait for it.',
  },
  'recorder.scheduleCheckSeconds': {
    variable: 'HELDAR_SCHEDULE_CHECK_INTERVAL_S',
    type: 'int',
    default: 30,
    min: 5,
    meaning: 'Seconds until it is looked again at the latest whether a recording window is open.',
  },
  'cameraDefaults.segmentSeconds': {
    variable: 'HELDAR_DEFAULT_SEGMENT_SECONDS',
    type: 'int',
    default: 60,
    min: 2,
    max: 3600,
    meaning: 'Length of a segment in seconds, for a new camera.',
  },
  'cameraDefaults.retentionHours': {
    variable: 'HELDAR_DEFAULT_RETENTION_HOURS',
    type: 'int',
    default: 24,
    min: 1,
    meaning: 'Age in hours at which footage may go, for a new camera.',
  },
  'cameraDefaults.quotaGb': {
    variable: 'HELDAR_DEFAULT_CAMERA_QUOTA_GB',
    type: 'number',
    default: 0,
    min: 0,
    meaning: 'Footage to keep at most, for a new camera, in GiB; 0 means no quota.',
  },
  'cameraDefaults.recordAudio': {
    variable: 'HELDAR_DEFAULT_RECORD_AUDIO',
    type: 'bool',
    default: false,
    meaning: 'Whether a new camera records sound.',
  },
  'cameraDefaults.preRollSeconds': {
    variable: 'HELDAR_DEFAULT_PRE_ROLL_SECONDS',
    type: 'int',
    default: 10,
    min: 0,
    max: 300,
    meaning: 'Seconds of footage kept from before a trigger, for a new camera.',
  },
  'cameraDefaults.postRollSeconds': {
    variable: 'HELDAR_DEFAULT_POST_ROLL_SECONDS',
    type: 'int',
    default: 30,
    min: 0,
    max: 3600,
    meaning: 'Seconds of footage recorded after a trigger, for a new camera.',
  },
  'ai.enabled': {
    variable: 'HELDAR_AI_ENABLED',
    type: 'bool',
    default: true,
    meaning: 'Master switch of the sampler; ingest and task discovery go on without it.',
  },
  'ai.maxTotalFps': {
    variable: 'HELDAR_AI_MAX_TOTAL_FPS',
    type: 'number',
    default: 40,
    min: 1,
    meaning: 'Frames a second that are sampled over all cameras.',
  },
  'ai.defaultFps': {
    variable: 'HELDAR_DEFAULT_AI_FPS',
    type: 'number',
    default: 5,
    min: 0.1,
    max: 30,
    meaning: 'Frames a second of a new task.',
  },
  'ai.defaultWidth': {
    variable: 'HELDAR_DEFAULT_AI_WIDTH',
    type: 'int',
    default: 1280,
    min: 160,
    max: 3840,
    meaning: 'Width of the frames of a new task, in pixels.',
  },
  'retention.intervalSeconds': {
    variable: 'HELDAR_RETENTION_INTERVAL_S',
    type: 'int',
    default: 300,
    min: 30,
    meaning: 'Seconds between two sweeps.',
  },
  'retention.maxRecordingsGb': {
    variable: 'HELDAR_MAX_RECORDINGS_GB',
    type: 'number',
    default: 20,
    min: 0,
    meaning:
      'Footage of all cameras to keep at most, in GiB, shared between the cameras by their quotas; 0 means no limit.',
  },
  'retention.minFreeDiskGb': {
    variable: 'HELDAR_MIN_FREE_DISK_GB',
    type: 'number',
    default: 5,
    min: 0,
    meaning:
      'Free space to keep on the disk of the recordings, in GiB; 0 means none: a full disk then stops recording.',
  },
  'retention.detectionHours': {
    variable: 'HELDAR_DETECTION_RETENTION_HOURS',
    type: 'int',
    default: 168,
    min: 1,
    meaning: 'Age in hours at which detections may go.',
  },
  'retention.auditDays': {
    variable: 'HELDAR_AUDIT_RETENTION_DAYS',
    type: 'int',
    default: 365,
    min: 1,
    meaning: 'Age in days at which events and rows of the audit log may go.',
  },
  'playback.sessionTtlMinutes': {
    variable: 'HELDAR_PLAYBACK_SESSION_TTL_MINUTES',
    type: 'int',
    default: 60,
    min: 1,
    meaning: 'How long a review session lives, in minutes; it can be prolonged.',
  },
  'playback.maxSeconds': {
    variable: 'HELDAR_MAX_PLAYBACK_SECONDS',
    type: 'number',
    default: 7200,
    min: 1,
    meaning: 'Longest window of a review session, in seconds.',
  },
  'playback.clipRetentionHours': {
    variable: 'HELDAR_CLIP_RETENTION_HOURS',
    type: 'int',
    default: 168,
    min: 0,
    meaning: 'Age in hours at which exported clips go; 0 keeps them.',
  },
  'playback.previewCpuPercent': {
    variable: 'HELDAR_PREVIEW_CPU_PERCENT',
    type: 'number',
    default: 5,
    min: 0,
    max: 100,
    meaning:
      'Share of one core, in percent, that previews may take: a small still a segment, made at low priority. 0 makes none.',
  },
  'playback.jobs': {
    variable: 'HELDAR_MEDIA_JOBS',
    type: 'int',
    default: 2,
    min: 1,
    max: 16,
    meaning:
      'Clips and review sessions that are made at once, and stills beside them; eight times as many may wait. Recording takes no part in it.',
  },
  'retention.snapshotHours': {
    variable: 'HELDAR_SNAPSHOT_RETENTION_HOURS',
    type: 'int',
    default: 168,
    min: 0,
    meaning: 'Age in hours at which scheduled snapshots go; 0 keeps them.',
  },
  'retention.maxClipsGb': {
    variable: 'HELDAR_MAX_CLIPS_GB',
    type: 'number',
    default: 10,
    min: 0,
    meaning: 'Exported clips to keep at most, in GiB, the newest of them; 0 means no limit.',
  },
  'retention.maxMirrorGb': {
    variable: 'HELDAR_MIRROR_MAX_GB',
    type: 'number',
    default: 0,
    min: 0,
    meaning: 'Second copies of footage to keep at most, in GiB, the newest of them; 0 means no limit.',
  },
  'retention.minFreeMirrorGb': {
    variable: 'HELDAR_MIRROR_MIN_FREE_GB',
    type: 'number',
    default: 5,
    min: 0,
    meaning: 'Free space to keep on the disk of the second copies, in GiB; 0 means none.',
  },
  'retention.quarantineDays': {
    variable: 'HELDAR_QUARANTINE_RETENTION_DAYS',
    type: 'int',
    default: 30,
    min: 0,
    meaning: 'Age in days at which recordings that could not be read go; 0 keeps them.',
  },
  'live.transcodeEngine': {
    variable: 'HELDAR_LIVE_TRANSCODE_ENGINE',
    type: 'string',
    default: 'software',
    meaning: 'What encodes live pictures: `software`, `vaapi` or `nvenc`. Shown by `/api/v1/system`.',
  },
  'disks.checkIntervalSeconds': {
    variable: 'HELDAR_SMART_CHECK_INTERVAL_S',
    type: 'int',
    default: 300,
    min: 30,
    meaning:
      'Seconds between two checks of drives and arrays; `/api/v1/system` calls the disks healthy when no alert is younger than three of them.',
  },
  'overlay.enabled': {
    variable: 'HELDAR_OVERLAY_ENABLED',
    type: 'bool',
    default: false,
    meaning: 'Report the overlay network in `/api/v1/system`.',
  },
  'overlay.kind': {
    variable: 'HELDAR_OVERLAY_KIND',
    type: 'string',
    default: 'none',
    meaning: 'What it is, a label: `tailscale`, `netbird`, `wireguard`, `none`.',
  },
  'overlay.iface': {
    variable: 'HELDAR_OVERLAY_IFACE',
    type: 'string',
    default: '',
    meaning: 'Its network interface; without a name none is looked at.',
  },
  'media.ffmpegBin': {
    variable: 'HELDAR_FFMPEG_BIN',
    type: 'program',
    default: 'ffmpeg',
    meaning: 'The ffmpeg to use.',
  },
  'media.ffprobeBin': {
    variable: 'HELDAR_FFPROBE_BIN',
    type: 'program',
    default: 'ffprobe',
    meaning: 'The ffprobe to use.',
  },
  'budgets.enabled': {
    variable: 'HELDAR_BUDGETS_ENABLED',
    type: 'bool',
    default: true,
    meaning: 'Judge plugins by the budgets below, window by window. Each of them is off when it is 0.',
  },
  'budgets.windowSeconds': {
    variable: 'HELDAR_BUDGET_WINDOW_S',
    type: 'int',
    default: 10,
    min: 1,
    max: 3600,
    meaning: 'Length of the window that is judged, in seconds.',
  },
  'budgets.blockMs': {
    variable: 'HELDAR_BUDGET_BLOCK_MS',
    type: 'number',
    default: 250,
    min: 0,
    meaning:
      "How long calls of a plugin may hold the kernel's event loop, in ms; a single one in a window is forgiven.",
  },
  'budgets.busyPercent': {
    variable: 'HELDAR_BUDGET_BUSY_PERCENT',
    type: 'number',
    default: 75,
    min: 0,
    max: 100,
    meaning: "Share of the kernel's time that a plugin's calls may hold, in percent.",
  },
  'budgets.callMs': {
    variable: 'HELDAR_BUDGET_CALL_MS',
    type: 'number',
    default: 5000,
    min: 0,
    meaning: 'How long a consumer may take for a call, in ms; 19 of 20 calls must be faster.',
  },
  'budgets.errorPercent': {
    variable: 'HELDAR_BUDGET_ERROR_PERCENT',
    type: 'number',
    default: 50,
    min: 0,
    max: 100,
    meaning: "Share of a plugin's calls that may fail, in percent.",
  },
  'budgets.restarts': {
    variable: 'HELDAR_BUDGET_RESTARTS',
    type: 'int',
    default: 2,
    min: 0,
    meaning: 'How often the thread or process of a plugin may end within a window.',
  },
  log: {
    variable: 'HELDAR_LOG',
    type: 'log',
    default: 'info',
    meaning: 'What is logged: a level, or `target=level` items.',
  },
};

export const settingPaths = Object.keys(settingsTable) as SettingPath[];

/** A row of the table without its value's type, for code that treats all alike. */
export function settingAt(path: SettingPath): Setting {
  return settingsTable[path] as Setting;
}
