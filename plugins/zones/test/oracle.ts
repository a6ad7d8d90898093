/** What must the tables hold, given the log? A second, naive telling of the rules that shares no code with the plugin. */

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A row of the detection log. */
export interface LogRecord {
  readonly seq: number;
  readonly kind: 'batch' | 'record';
  /** Task type of a batch; type of a record, as in the log (`zones.zone_changed`) or as the plugin says it. */
  readonly type: string;
  readonly cameraId: string | null;
  /** Capture time, ms since the epoch. */
  readonly at: number;
  /** Log time, ms since the epoch; never decreases along the log. */
  readonly received: number;
  /** Batch: `{ detections, frame }`; record: its payload. */
  readonly body: Json;
}

/** Columns of `zones_zones`, JSON and booleans decoded. */
export interface ExpectedZone {
  readonly id: string;
  readonly camera_id: string;
  readonly name: string;
  readonly kind: string;
  readonly polygon: readonly (readonly [number, number])[];
  readonly dwell_seconds: number;
  readonly labels: readonly string[];
  readonly severity: string;
  readonly config: Json;
  readonly enabled: boolean;
  readonly created_at: number;
  readonly updated_at: number;
}

/** Columns of `zones_events` without what only the host knows: the id, and the path of the still made from it. */
export interface ExpectedEvent {
  readonly camera_id: string;
  readonly zone_id: string;
  readonly zone_name: string;
  readonly track_id: string;
  readonly event_type: 'enter' | 'exit' | 'dwell';
  readonly label: string;
  readonly at_ms: number;
  readonly dwell_seconds: number | null;
  readonly created_at: number;
  /** Whether `evidence_path` is set: an enter, and a frame was at hand. */
  readonly evidence: boolean;
  /** Of the journal event; not a column. */
  readonly severity: string;
}

export interface FoldOptions {
  /** Log time up to which ticks ran behind the last record: for all cameras, or by camera. */
  readonly ticksUntil: number | ReadonlyMap<string, number>;
}

/**
 * Folds the log. Zones are sorted by id. The events of one camera come in the order of their making; cameras do not
 * wait for each other, so their order among each other means nothing.
 */
export function foldZones(
  records: readonly LogRecord[],
  { ticksUntil }: FoldOptions,
): { zones: ExpectedZone[]; events: ExpectedEvent[] } {
  const byCamera = new Map<string, LogRecord[]>();
  for (const record of [...records].sort((a, b) => a.seq - b.seq)) {
    if (record.cameraId === null) continue;
    const own = byCamera.get(record.cameraId);
    if (own) own.push(record);
    else byCamera.set(record.cameraId, [record]);
  }
  const zones: ExpectedZone[] = [];
  const events: ExpectedEvent[] = [];
  for (const [cameraId, own] of byCamera) {
    const until = typeof ticksUntil === 'number' ? ticksUntil : (ticksUntil.get(cameraId) ?? 0);
    const camera = foldCamera(cameraId, own, until);
    zones.push(...camera.zones.values());
    events.push(...camera.events);
  }
  return { zones: zones.sort((a, b) => (a.id < b.id ? -1 : 1)), events };
}

interface Entry {
  readonly zoneId: string;
  readonly trackId: string;
  inside: boolean;
  enteredAt: number;
  dwellEmitted: boolean;
  lastSeen: number;
  candidate: boolean | null;
  count: number;
  lastEventAt: number | null;
  label: string;
  zoneName: string;
  severity: string;
}

interface Camera {
  readonly id: string;
  zones: Map<string, ExpectedZone>;
  entries: Entry[];
  events: ExpectedEvent[];
}

function foldCamera(id: string, records: readonly LogRecord[], ticksUntil: number): Camera {
  const camera: Camera = { id, zones: new Map(), entries: [], events: [] };
  let time = records[0]?.received ?? 0;
  for (const record of records) {
    runTicks(camera, time, (tick) => tick < record.received);
    time = record.received;
    if (record.kind === 'batch') foldBatch(camera, record);
    else if (record.type.replace(/^zones\./, '') === 'zone_changed') foldZoneChange(camera, record);
    else if (record.type === 'camera.deleted')
      Object.assign(camera, { zones: new Map(), entries: [], events: [] });
  }
  runTicks(camera, time, (tick) => tick <= ticksUntil);
  return camera;
}

/** Ticks are on whole seconds; one at T comes after all records received at or before T. */
function runTicks(camera: Camera, from: number, isDue: (tick: number) => boolean): void {
  for (let tick = Math.ceil(from / 1000) * 1000; isDue(tick) && camera.entries.length > 0; tick += 1000) {
    expire(camera, tick);
  }
}

function foldZoneChange(camera: Camera, record: LogRecord): void {
  const { zone_id: id, zone } = record.body as unknown as { zone_id: string; zone: ExpectedZone | null };
  if (zone) camera.zones.set(id, zone);
  else camera.zones.delete(id);
}

interface LoggedDetection {
  readonly label: string | null;
  readonly confidence: number | null;
  readonly bbox: Json;
  readonly track_id: string | null;
}

function foldBatch(camera: Camera, record: LogRecord): void {
  const body = record.body as unknown as { detections: readonly LoggedDetection[]; frame?: Json };
  const zones = [...camera.zones.values()].filter((zone) => zone.enabled);
  if (zones.length === 0) return;
  const stamp = { batchTime: Math.min(record.at, record.received), logTime: record.received };
  const usable = body.detections.filter(isUsable);
  const trackIds = [...new Set(usable.map((detection) => clean(detection.track_id)))];
  for (const trackId of trackIds) {
    const candidates = usable.filter((detection) => clean(detection.track_id) === trackId);
    const highest = Math.max(...candidates.map((detection) => detection.confidence ?? 0));
    const best = candidates.find((detection) => (detection.confidence ?? 0) === highest);
    if (!best) continue;
    for (const zone of zones) {
      const label = clean(best.label);
      if (zone.labels.length > 0 && !zone.labels.includes(label)) continue;
      const [x, y, w, h] = best.bbox as [number, number, number, number];
      const isIn = liesIn(zone.polygon, x + w / 2, y + h);
      observe(camera, zone, { trackId, label, isIn, ...stamp, hasFrame: (body.frame ?? null) !== null });
    }
  }
  forgetIdle(camera);
  evict(camera, record.received);
}

interface Seen {
  readonly trackId: string;
  readonly label: string;
  readonly isIn: boolean;
  readonly batchTime: number;
  readonly logTime: number;
  readonly hasFrame: boolean;
}

function observe(camera: Camera, zone: ExpectedZone, seen: Seen): void {
  const { trackId, label, isIn } = seen;
  let entry = camera.entries.find((one) => one.zoneId === zone.id && one.trackId === trackId);
  if (!entry) {
    entry = newEntry(zone.id, trackId);
    camera.entries.push(entry);
  }
  entry.lastSeen = seen.logTime;
  // Event times of one track in one zone never run backwards.
  const now =
    entry.lastEventAt !== null && entry.lastEventAt > seen.batchTime ? entry.lastEventAt : seen.batchTime;
  const emit = (type: 'enter' | 'exit' | 'dwell', dwell: number | null) => {
    entry.lastEventAt = now;
    camera.events.push({
      camera_id: camera.id,
      zone_id: zone.id,
      zone_name: zone.name,
      track_id: trackId,
      event_type: type,
      label,
      at_ms: now,
      dwell_seconds: dwell,
      created_at: seen.logTime,
      evidence: type === 'enter' && seen.hasFrame,
      severity: zone.severity,
    });
  };

  if (isIn === entry.inside) {
    entry.candidate = null;
    entry.count = 0;
  } else {
    entry.count = entry.candidate === isIn ? entry.count + 1 : 1;
    entry.candidate = isIn;
    if (entry.count >= framesToConfirm(zone.config)) {
      entry.inside = isIn;
      entry.candidate = null;
      entry.count = 0;
      if (isIn) {
        Object.assign(entry, { enteredAt: now, dwellEmitted: false, label, zoneName: zone.name });
        entry.severity = zone.severity;
      }
      emit(isIn ? 'enter' : 'exit', null);
    }
  }
  const stayed = (now - entry.enteredAt) / 1000;
  if (entry.inside && zone.dwell_seconds > 0 && !entry.dwellEmitted && stayed >= zone.dwell_seconds) {
    entry.dwellEmitted = true;
    emit('dwell', stayed);
  }
}

function newEntry(zoneId: string, trackId: string): Entry {
  return {
    zoneId,
    trackId,
    inside: false,
    enteredAt: 0,
    dwellEmitted: false,
    lastSeen: 0,
    candidate: null,
    count: 0,
    lastEventAt: null,
    label: '',
    zoneName: '',
    severity: '',
  };
}

/** Lost after 120 s without an observation. */
function expire(camera: Camera, tick: number): void {
  const lost = camera.entries.filter((entry) => entry.lastSeen < tick - 120_000);
  camera.entries = camera.entries.filter((entry) => !lost.includes(entry));
  leave(camera, lost, tick, (a, b) => compare(a.trackId, b.trackId) || compare(a.zoneId, b.zoneId));
}

/** Outside, no candidate, never an event: as if the track had not been seen in this zone. */
function forgetIdle(camera: Camera): void {
  camera.entries = camera.entries.filter(
    (entry) => entry.inside || entry.candidate !== null || entry.lastEventAt !== null,
  );
}

/** More than 4096 tracks of one camera: only the 3584 seen last, by whole seconds, then by track id, stay. */
function evict(camera: Camera, now: number): void {
  const latest = new Map<string, number>();
  for (const { trackId, lastSeen } of camera.entries) {
    latest.set(trackId, Math.max(latest.get(trackId) ?? 0, Math.floor(lastSeen / 1000)));
  }
  if (latest.size <= 4096) return;
  const oldestFirst = [...latest].sort(([a, seenA], [b, seenB]) => seenA - seenB || compare(a, b));
  const rank = new Map(oldestFirst.map(([trackId], index) => [trackId, index]));
  const rankOf = (entry: Entry) => rank.get(entry.trackId) ?? 0;
  const lost = camera.entries.filter((entry) => rankOf(entry) < latest.size - 3584);
  camera.entries = camera.entries.filter((entry) => !lost.includes(entry));
  leave(camera, lost, now, (a, b) => rankOf(a) - rankOf(b) || compare(a.zoneId, b.zoneId));
}

function leave(
  camera: Camera,
  lost: readonly Entry[],
  at: number,
  order: (a: Entry, b: Entry) => number,
): void {
  for (const entry of [...lost].sort(order)) {
    if (!entry.inside) continue;
    camera.events.push({
      camera_id: camera.id,
      zone_id: entry.zoneId,
      zone_name: entry.zoneName,
      track_id: entry.trackId,
      event_type: 'exit',
      label: entry.label,
      at_ms: at,
      dwell_seconds: null,
      created_at: at,
      evidence: false,
      severity: entry.severity,
    });
  }
}

function isUsable({ track_id: trackId, label, bbox }: LoggedDetection): boolean {
  if (trackId === null || trackId.length > 512 || (label ?? '').length > 512) return false;
  if (!Array.isArray(bbox) || bbox.length < 4) return false;
  return bbox.slice(0, 4).every((value) => Number.isFinite(value));
}

function clean(text: string | null): string {
  return (text ?? '').toWellFormed();
}

function liesIn(polygon: readonly (readonly [number, number])[], x: number, y: number): boolean {
  let crossings = 0;
  for (let i = 0; i < polygon.length; i += 1) {
    const [xi, yi] = polygon[i] ?? [0, 0];
    const [xj, yj] = polygon[(i + polygon.length - 1) % polygon.length] ?? [0, 0];
    if (yi > y === yj > y) continue;
    if (x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) crossings += 1;
  }
  return polygon.length >= 3 && crossings % 2 === 1;
}

function framesToConfirm(config: Json): number {
  const given = (config as { confirm_frames?: Json } | null)?.confirm_frames;
  if (typeof given !== 'number' || !Number.isInteger(given) || given < 0) return 2;
  if (given < 1) return 1;
  return given > 10 ? 10 : given;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
