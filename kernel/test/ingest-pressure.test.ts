/** Is anything lost when workers send faster than the store writes, when a write fails, or when camera or kernel go meanwhile? */
import { expect, onTestFinished, test } from 'vitest';
import { createIngest, ingestLimits, type IngestLimits } from '../src/detections/ingest.ts';
import { testHttp } from '../src/http/http-for-tests.ts';
import { ingestRoutes } from '../src/http/routes/ingest.ts';
import { openTestStore } from '../src/testing/test-store.ts';
import { createCamera, startRig } from './kernel-rig.ts';
import { listDetections } from './stored-batches.ts';

const path = '/api/v1/ai/events';
const batchWith = (frame_id: string) => ({
  camera_id: 'gate',
  task_type: 'detection',
  frame_id,
  detections: [{ label: 'person' }],
});

/** The ingest route over a real store, with limits of the test's. */
async function openIngest(limits: IngestLimits, tables?: string) {
  const host = await openTestStore(tables === undefined ? {} : { tables });
  const ingest = createIngest({
    store: host.store,
    limits,
    camera: () => ({ incarnation: 1, siteId: null }),
    frameOf: () => null,
  });
  const { http } = testHttp(ingestRoutes({ ingest }));
  onTestFinished(async () => {
    await http.stop(0);
    await host.close();
  });
  const post = async (body: unknown) => {
    const response = await http.inject(path, { method: 'POST', body });
    const { status, headers } = response;
    return { status, retryAfter: headers.get('retry-after'), body: await response.json() };
  };
  return { host, ingest, post };
}

test('when too many batches wait, more are asked to come again, and none is lost or doubled', async () => {
  const { host, ingest, post } = await openIngest({ ...ingestLimits, units: 3 });
  const keys = Array.from({ length: 80 }, (_, index) => `frame ${index}`);
  let waiting = keys;
  for (let round = 1; waiting.length > 0; round += 1) {
    const sent = waiting;
    const answers = await Promise.all(sent.map((key) => post(batchWith(key))));
    const busy = answers.filter(({ status }) => status !== 200);
    expect(busy).toEqual(
      busy.map(() => ({
        status: 503,
        retryAfter: '1',
        body: { error: 'too many batches are waiting to be stored; send this one again' },
      })),
    );
    waiting = sent.filter((_, index) => answers[index]?.status !== 200);
    const stored = host.sql('SELECT frame_id FROM log').map((row) => (row as { frame_id: string }).frame_id);
    expect(stored.toSorted()).toEqual(keys.filter((key) => !waiting.includes(key)).toSorted());
    expect(round).toBeLessThan(keys.length);
  }
  expect(ingest.counters).toMatchObject({ batches: 80, duplicates: 0, detections: 80 });
  expect(ingest.counters.refusedBusy).toBeGreaterThan(0);
});

test('when too many bytes wait, more are asked to come again', async () => {
  const { post } = await openIngest({ ...ingestLimits, bytes: 50_000 });
  const large = (key: string) => ({ ...batchWith(key), detections: [{ attributes: 'x'.repeat(60_000) }] });
  const answers = await Promise.all(['a', 'b', 'c'].map((key) => post(large(key))));
  expect(answers.map(({ status }) => status)).toEqual([200, 503, 503]);
  expect((await post(large('b'))).status).toBe(200);
});

test("a batch whose event can't be stored is not stored either, and takes no other batch with it", async () => {
  const { host, post } = await openIngest(
    ingestLimits,
    `CREATE TRIGGER refuse BEFORE INSERT ON events WHEN NEW.event_type = 'refused' BEGIN SELECT raise(ABORT, 'refused'); END`,
  );
  const keys = Array.from({ length: 20 }, (_, index) => `frame ${index}`);
  const eventOf = (index: number) => ({ event_type: index % 5 === 2 ? 'refused' : 'seen' });
  const answers = await Promise.all(
    keys.map((key, index) => post({ ...batchWith(key), event: eventOf(index) })),
  );
  const refused = { status: 500, retryAfter: null, body: { error: 'database error' } };
  expect(answers.filter((_, index) => index % 5 === 2)).toEqual([refused, refused, refused, refused]);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(16);
  const kept = keys.filter((_, index) => index % 5 !== 2);
  expect(host.sql('SELECT frame_id FROM log ORDER BY seq')).toEqual(kept.map((frame_id) => ({ frame_id })));
  expect(host.sql('SELECT 1 FROM log_labels')).toHaveLength(16);
  expect(host.sql('SELECT DISTINCT event_type FROM events')).toEqual([{ event_type: 'seen' }]);
  // The key is not taken by the failure: a worker's next try counts.
  expect(await post(batchWith('frame 2'))).toMatchObject({ status: 200, body: { detections_ingested: 1 } });
});

test('a camera deleted while batches come in: each is taken or refused, and the next camera of that name begins anew', async () => {
  await using rig = await startRig({ cameras: ['gate'] });
  const accepted: string[] = [];
  const answers = new Set<number>();
  let deletion: Promise<{ status: number }> | undefined;
  const worker = async (name: number) => {
    for (let frame = 0; !answers.has(404); frame += 1) {
      const key = `${name}-${frame}`;
      const { status } = await rig.call('POST', path, { ...batchWith(key), event: { event_type: 'sent' } });
      answers.add(status);
      if (status === 200) accepted.push(key);
      if (accepted.length > 100) deletion ??= rig.call('DELETE', '/api/v1/cameras/gate');
    }
  };
  await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(worker));
  expect((await deletion)?.status).toBe(204);
  expect(answers).toEqual(new Set([200, 404]));
  const logged = rig.sql<{ frame_id: string }>("SELECT frame_id FROM log WHERE kind = 'batch'");
  expect(logged.map(({ frame_id }) => frame_id).toSorted()).toEqual(accepted.toSorted());
  expect((await rig.call('GET', '/api/v1/events?event_type=sent&limit=2000')).body).toHaveLength(
    accepted.length,
  );
  expect((await rig.call('GET', '/api/v1/cameras/gate/detections')).status).toBe(404);
  expect(rig.sql('SELECT 1 FROM detections')).toEqual([]);

  await createCamera(rig, 'gate');
  expect(await listDetections(rig, 'gate')).toEqual([]);
  const again = await rig.call('POST', path, batchWith(accepted[0] ?? ''));
  expect(again.body).toEqual({ detections_ingested: 1 });
  expect(await listDetections(rig, 'gate')).toHaveLength(1);
});

test('a kernel that stops has kept every batch it answered, and no other', async () => {
  await using rig = await startRig({ cameras: ['gate'] });
  const accepted: string[] = [];
  const refusals: { status: number; retryAfter: string | null }[] = [];
  let stopping: Promise<void> | undefined;
  const worker = async (name: number) => {
    for (let frame = 0; refusals.length === 0; frame += 1) {
      const key = `${name}-${frame}`;
      const { status, headers } = await rig.call('POST', path, batchWith(key)).catch(hungUp);
      if (status === 200) accepted.push(key);
      else refusals.push({ status, retryAfter: headers.get('retry-after') });
      if (accepted.length > 100) stopping ??= rig.stop();
    }
  };
  await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(worker));
  await stopping;
  expect([
    JSON.stringify({ status: 503, retryAfter: '5' }),
    JSON.stringify({ status: 0, retryAfter: null }),
  ]).toEqual(expect.arrayContaining(refusals.map((refusal) => JSON.stringify(refusal))));
  await rig.start();
  const found = await listDetections(rig, 'gate');
  expect(new Set(found.map(({ frame_id }) => frame_id))).toEqual(new Set(accepted));
  expect(found).toHaveLength(accepted.length);
});

/** A connection that ends without an answer, as clients see it when they come while the last ones are closed. */
function hungUp(error: unknown): { status: number; headers: Headers } {
  if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET')
    return { status: 0, headers: new Headers() };
  throw error;
}
