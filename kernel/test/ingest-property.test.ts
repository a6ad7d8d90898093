/** Is whatever a worker may send kept whole and read back equal, or refused whole? */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  canonicalTime,
  generatedBody,
  generatedCameras,
  type GeneratedBody,
  type SentBody,
} from './ingest-bodies.ts';
import { startRig, type Answer, type KernelRig } from './kernel-rig.ts';
import { count, lastSeq, readBehind, toldOf } from './stored-batches.ts';

const runs = 400;

type Outcome = 'accepted' | 'duplicate' | 'refused';

/** What each kind of body may come to. */
const possible: Readonly<Record<GeneratedBody['kind'], readonly Outcome[]>> = {
  good: ['accepted', 'duplicate'],
  bad: ['refused'],
  any: ['accepted', 'duplicate', 'refused'],
};

test('whatever is sent is kept whole or refused whole', async () => {
  await using rig = await startRig({ cameras: generatedCameras });
  const keys = new Set<string>();
  const tally: Record<Outcome, number> = { accepted: 0, duplicate: 0, refused: 0 };
  const check = async (generated: GeneratedBody) => {
    const [before, seq] = [count(rig), lastSeq(rig)];
    const answer = await rig.call('POST', '/api/v1/ai/events', generated.text);
    const outcome = outcomeOf(answer, generated, keys);
    tally[outcome] += 1;
    expect(possible[generated.kind]).toContain(outcome);
    const expected = expectedAfter(rig, outcome, generated);
    expect(answer.body).toEqual(expected.answer);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await readBehind(rig, seq)).toMatchObject(expected.batches);
    expect(count(rig)).toEqual({
      batches: before.batches + expected.batches.length,
      labels: before.labels + expected.labels,
      events: before.events + expected.events,
    });
  };
  // Keys once taken stay taken, so a failing body can't be made smaller by sending parts of it again.
  await fc.assert(fc.asyncProperty(generatedBody, check), { numRuns: runs, endOnFailure: true });
  expect(tally.accepted / runs).toBeGreaterThanOrEqual(0.3);
  expect(tally.refused).toBeGreaterThan(runs / 10);
});

/** By the answer's status, and by whether the key had been taken before; throws at any other status. */
function outcomeOf({ status, body }: Answer, { text }: GeneratedBody, keys: Set<string>): Outcome {
  if ([400, 404, 422].includes(status)) return 'refused';
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
  const { camera_id, frame_id } = JSON.parse(text) as SentBody;
  if (typeof frame_id !== 'string') return 'accepted';
  const key = `${camera_id}/${frame_id}`;
  const outcome = keys.has(key) ? 'duplicate' : 'accepted';
  keys.add(key);
  return outcome;
}

/** What the answer must say, and what must be stored beyond what was there. */
function expectedAfter(rig: KernelRig, outcome: Outcome, generated: GeneratedBody) {
  const nothing = { batches: [], labels: 0, events: 0 };
  if (outcome === 'refused') {
    const names = generated.kind === 'bad' ? generated.names : '';
    return { answer: refusal(names), ...nothing };
  }
  if (outcome === 'duplicate') return { answer: { detections_ingested: 0, duplicate: true }, ...nothing };
  const sent = JSON.parse(generated.text) as SentBody;
  const batch = toldOf(sent, timeOf(rig, generated));
  const labels = new Set(batch.detections.map(({ label }) => label).filter((label) => label !== null));
  return {
    answer: { detections_ingested: batch.detection_count },
    batches: [batch],
    labels: labels.size,
    events: sent.event == null ? 0 : 1,
  };
}

function refusal(names: string) {
  return { error: expect.stringContaining(names) as string };
}

function timeOf(rig: KernelRig, generated: GeneratedBody): string {
  if (generated.kind !== 'good') return expect.any(String) as string;
  return generated.time?.canonical ?? canonicalTime(rig.clock.now());
}
