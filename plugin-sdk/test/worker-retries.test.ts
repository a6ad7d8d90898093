/** What does a worker do when requests fail, and what of it reaches the log? */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Eyes, EVENTS, startHarness, TASKS } from './worker-harness.ts';
import type { Harness } from './worker-harness.ts';
import { FRAME_PATH, WorkerPeer, wireTask } from './worker-peer.ts';
import type { Fault } from './worker-peer.ts';

let on: Harness;

beforeEach(async () => {
  on = await startHarness();
});

afterEach(() => on.end());

const quoting = () => ({
  analyse(): never {
    throw new Error('got vok_0123456789abcdef');
  },
});

describe('a worker and failing requests', () => {
  const failures: [string, Fault][] = [
    ['5xx', { status: 500, body: '{"error":"database error"}' }],
    ['closed connections', 'reset'],
  ];

  it.each(failures)('repeats a post with the same key after %s until it is taken once', async (_, fault) => {
    on.peer.tasks = [wireTask('ai_1')];
    on.peer.show('t1');
    on.peer.faults.set(EVENTS, [fault, fault, fault]);
    void on.runWith(new Eyes());
    await on.peer.until(() => on.peer.accepted.length === 1, 'the delivery');
    const posts = on.peer.seen(EVENTS);
    expect(posts).toHaveLength(4);
    expect(new Set(posts.map(({ batch }) => JSON.stringify(batch))).size).toBe(1);
    expect(posts[0]?.batch?.frame_id).toBe('ai_1:t1');
    const backOffs = [500, 1000, 2000];
    for (const least of backOffs) {
      expect(on.clock.waitsMs.some((ms) => ms >= least && ms <= least * 1.25)).toBe(true);
    }
  });

  it('counts a repeat after a lost answer as delivered', async () => {
    on.peer.tasks = [wireTask('ai_1')];
    on.peer.show('t1');
    on.peer.faults.set(EVENTS, ['lose']);
    void on.runWith(new Eyes());
    await on.peer.until(
      () => on.log.lines.some(({ message }) => message === 'delivered'),
      'the repeat taken for a delivery',
    );
    expect(on.peer.seen(EVENTS)).toHaveLength(2);
    expect(on.peer.accepted).toHaveLength(1);
  });

  it('drops the result after five retries and goes on with the next frame', async () => {
    on.peer.tasks = [wireTask('ai_1')];
    on.peer.show('t1');
    on.peer.faults.set(
      EVENTS,
      Array.from({ length: 6 }, () => ({ status: 502 })),
    );
    void on.runWith(new Eyes());
    await on.peer.until(() => on.peer.seen(EVENTS).length === 6, 'six attempts');
    on.peer.show('t2');
    await on.peer.until(() => on.peer.accepted.length === 1, 'the next frame delivered');
    expect(on.peer.accepted[0]?.frame_id).toBe('ai_1:t2');
    expect(on.peer.seen(EVENTS).filter(({ batch }) => batch?.frame_id === 'ai_1:t1')).toHaveLength(6);
  });

  it.each([400, 401, 403, 404, 413, 422, 429])('never repeats a post answered %i', async (status) => {
    on.peer.tasks = [wireTask('ai_1')];
    on.peer.show('t1');
    on.peer.faults.set(EVENTS, [{ status, body: '{"error":"no"}' }]);
    void on.runWith(new Eyes());
    await on.peer.until(() => on.peer.seen(EVENTS).length === 1, 'the post');
    const polled = on.peer.seen(FRAME_PATH).length;
    await on.peer.until(() => on.peer.seen(FRAME_PATH).length >= polled + 4, 'polling on');
    expect(on.peer.seen(EVENTS)).toHaveLength(1);
    expect(on.peer.accepted).toEqual([]);
  });

  it('waits as long as a 503 asks for', async () => {
    on.peer.tasks = [wireTask('ai_1')];
    on.peer.show('t1');
    on.peer.faults.set(EVENTS, [{ status: 503, headers: { 'retry-after': '7' } }]);
    void on.runWith(new Eyes());
    await on.peer.until(() => on.peer.accepted.length === 1, 'the delivery');
    expect(on.clock.waitsMs).toContain(7000);
  });

  it('gives a request up that is not answered in time, and repeats it', async () => {
    on.peer.tasks = [wireTask('ai_1')];
    on.peer.show('t1');
    on.peer.faults.set(EVENTS, ['hang']);
    void on.runWith(new Eyes(), { requestTimeoutMs: 200 });
    await on.peer.until(() => on.peer.accepted.length === 1, 'the delivery');
    expect(on.peer.seen(EVENTS)).toHaveLength(2);
  });

  it('does not follow a redirect with its key', async () => {
    const elsewhere = await new WorkerPeer().start();
    try {
      on.peer.apiKey = 'vok_secret';
      on.peer.faults.set(TASKS, [{ status: 307, headers: { location: `${elsewhere.baseUrl}${TASKS}` } }]);
      void on.runWith(new Eyes(), { apiKey: 'vok_secret' });
      await on.peer.until(() => on.peer.seen(TASKS).length === 2, 'the next discovery');
      expect(elsewhere.requests).toEqual([]);
    } finally {
      await elsewhere.stop();
    }
  });

  it('never logs its key, even when the server or an analyser quotes it', async () => {
    on.peer.apiKey = 'vok_0123456789abcdef';
    on.peer.tasks = [wireTask('ai_1'), wireTask('ai_2', { task_type: 'anpr' })];
    on.peer.show('t1');
    on.peer.faults.set(EVENTS, [{ status: 403, body: '{"error":"key vok_0123456789abcdef may not"}' }]);
    void on.run({ apiKey: on.peer.apiKey, analysers: { people: () => new Eyes(), anpr: quoting } });
    await on.peer.until(
      () => on.peer.seen(EVENTS).length === 1 && on.peer.seen(FRAME_PATH).length >= 6,
      'both failures',
    );
    expect(on.peer.requests.every(({ headers }) => headers['x-api-key'] === on.peer.apiKey)).toBe(true);
    const problems = on.log.lines.filter(({ level }) => level === 'warn');
    expect(problems.map(({ data }) => data)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ problem: 'post: status 403: key *** may not' }),
        expect.objectContaining({ problem: 'analysis: got ***' }),
      ]),
    );
    expect(JSON.stringify(on.log.lines)).not.toContain('0123456789abcdef');
  });
});
