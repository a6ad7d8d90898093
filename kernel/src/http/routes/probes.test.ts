/** Do the probes tell a process that works from one that does not, and does the site say who it is? */
import { expect, test } from 'vitest';
import { testHttp } from '../http-for-tests.ts';
import { probeRoutes, type RecordingQuorum } from './probes.ts';
import { siteRoutes } from './site.ts';

function ready(options: { percent?: number; quorum?: RecordingQuorum; fails?: boolean }) {
  const routes = probeRoutes({
    checkStore() {
      if (options.fails === true) throw new Error('disk I/O error');
    },
    recording: () => options.quorum ?? { wanted: 0, recording: 0 },
    minRecordingPercent: options.percent ?? 0,
  });
  return testHttp(routes).http;
}

test('healthz says ok, even to callers without a credential and while nothing else works', async () => {
  const response = await ready({ fails: true }).inject('/healthz', { headers: { 'x-role': 'none' } });
  expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
});

test.for([
  [{}, 200, { ready: true }],
  [{ fails: true }, 503, { ready: false, reason: 'database' }],
  [{ percent: 75, quorum: { wanted: 4, recording: 3 } }, 200, { ready: true }],
  [
    { percent: 75, quorum: { wanted: 5, recording: 2 } },
    503,
    { ready: false, reason: 'insufficient_recorders', recording_pct: 40, required_pct: 75 },
  ],
  [{ percent: 66.7, quorum: { wanted: 3, recording: 2 } }, 200, { ready: true }],
  [{ percent: 75, quorum: { wanted: 0, recording: 0 } }, 200, { ready: true }],
  [{ percent: 75, quorum: { wanted: 0, recording: 2 } }, 200, { ready: true }],
  [{ percent: 100, quorum: { wanted: 2, recording: 3 } }, 200, { ready: true }],
  [{ percent: 0, quorum: { wanted: 5, recording: 0 } }, 200, { ready: true }],
] as const)('with %j readyz is %i', async ([options, status, body]) => {
  const response = await ready(options).inject('/readyz');
  expect([response.status, await response.json()]).toEqual([status, body]);
  expect(response.headers.has('retry-after')).toBe(status === 503);
  expect(response.headers.get('content-type')).toBe('application/json');
});

test('the site tells its name, version and start, without a credential', async () => {
  const site = { siteId: null, name: 'Heldar', version: '0.1.0', startedAt: Date.UTC(2026, 0, 1) };
  const response = await testHttp(siteRoutes(site)).http.inject('/api/v1/site', {
    headers: { 'x-role': 'none' },
  });
  expect(await response.json()).toEqual({
    site_id: null,
    name: 'Heldar',
    version: '0.1.0',
    started_at: '2026-01-01T00:00:00Z',
  });
});
