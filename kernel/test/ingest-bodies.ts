/** What could a worker send? Batches as they should be, batches with one thing wrong, and anything else that is JSON. */
import * as fc from 'fast-check';

export interface SentDetection {
  readonly label?: string | null | undefined;
  readonly confidence?: number | null | undefined;
  readonly bbox?: unknown;
  readonly track_id?: string | null | undefined;
  readonly attributes?: unknown;
}

export interface SentBody {
  readonly camera_id: string;
  readonly task_type: string;
  readonly timestamp?: string | null;
  readonly frame_id?: string | null;
  readonly detections?: readonly SentDetection[];
  readonly event?: { event_type: string; severity?: string | null; payload?: unknown } | null;
}

export type GeneratedBody =
  | { readonly kind: 'good'; readonly text: string; readonly time: CapturedAt | null }
  | { readonly kind: 'bad'; readonly text: string; readonly names: string }
  | { readonly kind: 'any'; readonly text: string };

/** How a body says the time, and how it must read back. */
export interface CapturedAt {
  readonly text: string;
  readonly canonical: string;
}

/** Where generated bodies go. */
export const generatedCameras = ['north', 'south'] as const;

const text = fc.string({ unit: 'binary', maxLength: 12 });
const json = fc.jsonValue({ stringUnit: 'binary', maxDepth: 4 });
const label = fc.oneof(fc.constantFrom('person', 'car', 'Person', '', ' person', '\0'), text);

/** Absent, null, or a value. */
function maybe<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null | undefined> {
  return fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom(null, undefined) },
    { weight: 4, arbitrary: value },
  );
}

const detection: fc.Arbitrary<SentDetection> = fc.record({
  label: maybe(label),
  confidence: maybe(fc.double({ noNaN: true, noDefaultInfinity: true })),
  bbox: maybe(json),
  track_id: maybe(text),
  attributes: maybe(json),
});

/** Any instant of the years 0000 to 9999 in any of its spellings, told from the instant and not read from the text. */
const capturedAt: fc.Arbitrary<CapturedAt> = fc
  .record({
    ms: fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }),
    ns: fc.oneof(fc.constantFrom(0, 1, 999_999, 120_000), fc.integer({ min: 0, max: 999_999 })),
    offsetMinutes: fc.integer({ min: -1439, max: 1439 }),
    separator: fc.constantFrom('T', 't', ' '),
    zulu: fc.constantFrom('Z', 'z', null),
    blanks: fc.constantFrom('', ' '),
    zeros: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ ms, ns, offsetMinutes, separator, zulu, blanks, zeros }) => {
    const local = zulu === null ? ms + offsetMinutes * 60_000 : ms;
    const year = new Date(local).getUTCFullYear();
    const isSayable = year >= 0 && year <= 9999;
    const [date = '', time = ''] = new Date(isSayable ? local : ms).toISOString().slice(0, 19).split('T');
    const nanos = String((((ms % 1000) + 1000) % 1000) * 1_000_000 + ns).padStart(9, '0');
    const zone = isSayable && zulu === null ? offsetText(offsetMinutes) : (zulu ?? 'Z');
    const spelled = `${blanks}${date}${separator}${time}.${nanos}${'0'.repeat(zeros)}${zone}${blanks}`;
    return { text: spelled, canonical: canonicalTime(ms, ns) };
  });

function offsetText(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.trunc(size / 60))}:${two(size % 60)}`;
}

/** The shortest of 0, 3, 6 or 9 digits that is exact. */
export function canonicalTime(ms: number, ns = 0): string {
  const iso = new Date(ms).toISOString();
  const digits = iso.slice(20, 23) + String(ns).padStart(6, '0');
  const kept = digits.replace(/(?:000){1,3}$/, '');
  return `${iso.slice(0, 19)}${kept === '' ? '' : `.${kept}`}Z`;
}

/** Some come again. */
const frameId = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('', 'a', 'A', 'a ') },
  { weight: 6, arbitrary: fc.tuple(text, fc.uuid()).map(([start, rest]) => start + rest) },
);

/** With `time` apart, since the text of the body only holds its spelling. */
const good = fc
  .record({
    camera_id: fc.constantFrom(...generatedCameras),
    task_type: text.filter((value) => value.trim() !== ''),
    time: maybe(capturedAt),
    frame_id: maybe(frameId),
    detections: fc.option(fc.array(detection, { maxLength: 4 }), { nil: undefined }),
    event: maybe(fc.record({ event_type: text, severity: maybe(text), payload: maybe(json) })),
    stranger: fc.option(json, { nil: undefined }),
  })
  .map(({ time, ...rest }) => {
    const body = { ...rest, timestamp: time?.text ?? time };
    return { body, time: time ?? null };
  });

/** One wrong value each; `names`: what the error must say. */
const wrongMembers: readonly { set: Record<string, unknown>; names: string }[] = [
  { set: { camera_id: 7 }, names: 'camera_id' },
  { set: { camera_id: null }, names: 'camera_id' },
  { set: { camera_id: 'nowhere' }, names: 'nowhere' },
  { set: { task_type: undefined }, names: 'task_type' },
  { set: { task_type: ['detection'] }, names: 'task_type' },
  { set: { task_type: ' \t' }, names: 'task_type' },
  { set: { timestamp: '' }, names: 'timestamp' },
  { set: { timestamp: 1_767_225_600 }, names: 'timestamp' },
  { set: { timestamp: '2026-02-30T00:00:00Z' }, names: 'timestamp' },
  { set: { timestamp: '2026-01-31T24:00:00Z' }, names: 'timestamp' },
  { set: { timestamp: '2026-01-31T12:00:00+0100' }, names: 'timestamp' },
  { set: { frame_id: 5 }, names: 'frame_id' },
  { set: { frame_id: 'half \ud800' }, names: 'frame_id' },
  { set: { detections: null }, names: 'detections' },
  { set: { detections: {} }, names: 'detections' },
  { set: { detections: [{}, null] }, names: 'detections[1]' },
  { set: { detections: [{ label: 7 }] }, names: 'detections[0].label' },
  { set: { detections: [{ label: 'a\ud800' }, { label: 'a\udfff' }] }, names: 'detections[0].label' },
  { set: { detections: [{}, { confidence: '0.5' }] }, names: 'detections[1].confidence' },
  { set: { detections: [{ track_id: 17 }] }, names: 'detections[0].track_id' },
  { set: { event: 'motion' }, names: 'event' },
  { set: { event: {} }, names: 'event.event_type' },
  { set: { event: { event_type: null } }, names: 'event.event_type' },
  { set: { event: { event_type: 'motion', severity: 3 } }, names: 'event.severity' },
];

/** One fault of the text each, in a member that nothing else depends on. */
const wrongTexts: readonly { member: string; names: string }[] = [
  { member: '"stray":NaN', names: 'stray' },
  { member: '"stray":1e999', names: 'stray' },
  { member: '"stray":01', names: 'offset' },
  { member: '"stray":"\t"', names: 'stray' },
  { member: `"stray":${'['.repeat(64)}${']'.repeat(64)}`, names: 'stray' },
  { member: '"stray":1,"stray":1', names: 'stray' },
  { member: '"stray":[{"b":1,"b":2}]', names: 'stray[0].b' },
  { member: '"stray":', names: 'stray' },
];

const bad = fc
  .tuple(good, fc.oneof(fc.constantFrom(...wrongMembers), fc.constantFrom(...wrongTexts)))
  .map(([{ body }, wrong]) => {
    if ('set' in wrong) return { text: JSON.stringify({ ...body, ...wrong.set }), names: wrong.names };
    const whole = JSON.stringify({ ...body, stranger: undefined });
    return { text: `${whole.slice(0, -1)},${wrong.member}}`, names: wrong.names };
  });

/** A good body with a member replaced by anything, or anything at all. */
const any = fc.oneof(
  fc
    .tuple(good, fc.constantFrom('task_type', 'timestamp', 'frame_id', 'detections', 'event'), json)
    .map(([{ body }, member, value]) => JSON.stringify({ ...body, [member]: value })),
  fc
    .tuple(good, fc.constantFrom('label', 'confidence', 'bbox', 'track_id', 'attributes'), json)
    .map(([{ body }, member, value]) => JSON.stringify({ ...body, detections: [{ [member]: value }] })),
  fc.json({ stringUnit: 'binary' }),
);

export const generatedBody: fc.Arbitrary<GeneratedBody> = fc.oneof(
  {
    weight: 6,
    arbitrary: good.map(({ body, time }): GeneratedBody => ({
      kind: 'good',
      text: JSON.stringify(body),
      time,
    })),
  },
  { weight: 3, arbitrary: bad.map((body): GeneratedBody => ({ kind: 'bad', ...body })) },
  { weight: 2, arbitrary: any.map((value): GeneratedBody => ({ kind: 'any', text: value })) },
);
