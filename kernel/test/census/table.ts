/** Who may ask what: written by hand from the contract, never read off the routes. A route that does not stand here fails the census. */

/** `account`: any session; keys have no account. `known`: any credential that is good. */
export type Need =
  'public' | 'known' | 'account' | 'view' | 'operate_gate' | 'manage_registry' | 'ingest' | 'admin';

export interface CensusRow {
  readonly need: Need;
  /** Of the right shape, so that the answer is about the caller. `unique` makes every request another. */
  readonly body?: (unique: string) => object;
  /** Instead of the path of the route, with its parameters filled. */
  readonly query?: string;
}

export const roles = ['admin', 'manager', 'guard', 'viewer', 'integration'] as const;
export type Role = (typeof roles)[number];

/** The contract's table of roles and capabilities. */
const mayDo: Readonly<Record<Role, readonly Need[]>> = {
  admin: ['view', 'operate_gate', 'manage_registry', 'ingest', 'admin'],
  manager: ['view', 'operate_gate', 'manage_registry'],
  guard: ['view', 'operate_gate'],
  viewer: ['view'],
  integration: ['view', 'ingest'],
};

export function mayAsk(need: Need, role: Role, kind: 'session' | 'key'): boolean {
  if (need === 'public' || need === 'known') return true;
  if (need === 'account') return kind === 'session';
  return mayDo[role].includes(need);
}

const window = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:01:00Z' };
const windowQuery = `?from=${window.from}&to=${window.to}`;
const view = { need: 'view' } as const;
const viewWindow = { need: 'view', query: windowQuery } as const;
const manage = { need: 'manage_registry' } as const;
const manageWith = (body: object): CensusRow => ({ need: 'manage_registry', body: () => body });
const admin = { need: 'admin' } as const;

export const census: Readonly<Record<string, CensusRow>> = {
  'GET /healthz': { need: 'public' },
  'GET /readyz': { need: 'public' },
  'GET /api/v1/site': { need: 'public' },
  'POST /api/v1/auth/logout': { need: 'public' },
  'GET /api/v1/auth/me': { need: 'known' },
  'GET /api/v1/auth/sessions': { need: 'account' },
  'DELETE /api/v1/auth/sessions/:id': { need: 'account' },
  'POST /api/v1/auth/url-tokens': { need: 'known', body: () => ({ url: '/media/clips/x.mp4' }) },
  'GET /api/v1/users': admin,
  'POST /api/v1/users': {
    need: 'admin',
    body: (unique) => ({ username: `census ${unique}`, password: 'long enough' }),
  },
  'PATCH /api/v1/users/:id': { need: 'admin', body: () => ({}) },
  'DELETE /api/v1/users/:id': admin,
  'GET /api/v1/users/:id/sessions': admin,
  'DELETE /api/v1/users/:id/sessions/:session': admin,
  'GET /api/v1/api-keys': admin,
  'POST /api/v1/api-keys': { need: 'admin', body: () => ({ name: 'census' }) },
  'PATCH /api/v1/api-keys/:id': { need: 'admin', body: () => ({}) },
  'POST /api/v1/api-keys/:id/rotate': { need: 'admin', body: () => ({}) },
  'DELETE /api/v1/api-keys/:id': admin,
  'GET /api/v1/audit': manage,
  'GET /metrics': view,
  'GET /api/v1/system': view,
  'GET /api/v1/system/retention': view,
  'GET /openapi.json': view,
  'GET /docs': view,
  'GET /docs/:file': view,
  'POST /api/v1/ai/events': {
    need: 'ingest',
    body: () => ({ camera_id: 'missing', task_type: 'census', detections: [] }),
  },
  'GET /api/v1/cameras/:id/detections': view,
  'GET /api/v1/outbox': admin,
  'GET /api/v1/events': view,
  'GET /api/v1/events/stream': view,
  'GET /api/v1/cameras': view,
  'POST /api/v1/cameras': {
    need: 'manage_registry',
    body: (unique) => ({ id: `census_${unique}`, name: 'Census', record_enabled: false }),
  },
  'GET /api/v1/cameras/:id': view,
  'PATCH /api/v1/cameras/:id': manageWith({ name: 'x' }),
  'DELETE /api/v1/cameras/:id': admin,
  'GET /api/v1/cameras/:id/test': view,
  'POST /api/v1/cameras/:id/test': view,
  'GET /api/v1/health/cameras': view,
  'GET /api/v1/cameras/:id/health': view,
  'GET /api/v1/cameras/:id/snapshot-schedules': view,
  'POST /api/v1/cameras/:id/snapshot-schedules': manageWith({ interval_seconds: 60 }),
  'PATCH /api/v1/snapshot-schedules/:schedule_id': manageWith({ interval_seconds: 60 }),
  'DELETE /api/v1/snapshot-schedules/:schedule_id': manage,
  'GET /api/v1/cameras/:id/snapshots': view,
  'GET /api/v1/cameras/:id/segments': viewWindow,
  'GET /api/v1/cameras/:id/timeline': viewWindow,
  'GET /api/v1/cameras/:id/gaps': viewWindow,
  'GET /api/v1/cameras/:id/recording-gaps': view,
  'POST /api/v1/cameras/:id/recording-gaps/:gap_id/retry': manage,
  'POST /api/v1/segments/:id/evidence-lock': manageWith({}),
  'DELETE /api/v1/segments/:id/evidence-lock': manage,
  'PATCH /api/v1/segments/:id/incident': manageWith({ incident_id: 'x' }),
  'GET /api/v1/incidents': view,
  'GET /api/v1/incidents/:incident_id/segments': view,
  'GET /api/v1/cameras/:id/schedules': view,
  'POST /api/v1/cameras/:id/schedules': manageWith({ days: [0], time_start: '08:00', time_end: '09:00' }),
  'PATCH /api/v1/schedules/:schedule_id': manageWith({ enabled: false }),
  'DELETE /api/v1/schedules/:schedule_id': manage,
  'POST /api/v1/cameras/:id/record-trigger': manage,
  'GET /api/v1/cameras/:id/ai-tasks': view,
  'POST /api/v1/cameras/:id/ai-tasks': manageWith({ task_type: 'census' }),
  'PATCH /api/v1/ai-tasks/:task_id': manageWith({ enabled: false }),
  'DELETE /api/v1/ai-tasks/:task_id': manage,
  'GET /api/v1/ai/tasks': view,
  'GET /api/v1/ai/samplers': view,
  'GET /api/v1/cameras/:id/frame': view,
  'POST /api/v1/cameras/:id/clip': { need: 'view', body: () => window },
  'GET /api/v1/cameras/:id/clip.mp4': viewWindow,
  'GET /api/v1/cameras/:id/clips': view,
  'GET /api/v1/clips': view,
  'DELETE /api/v1/clips/:clip_id': view,
  'GET /api/v1/cameras/:id/snapshot': view,
  'POST /api/v1/cameras/:id/playback/sessions': { need: 'view', body: () => window },
  'GET /api/v1/playback/sessions': view,
  'POST /api/v1/playback/sessions/:session_id/prolong': view,
  'DELETE /api/v1/playback/sessions/:session_id': view,
  'GET /api/v1/cameras/:id/previews': viewWindow,
  'GET /media/previews/:camera_id/:file': view,
  'GET /media/recordings/:camera_id/:file': view,
  'GET /media/clips/:file': view,
  'GET /media/snapshots/:file': view,
  'GET /media/snapshots/:camera_id/:file': view,
  'GET /media/playback/:session_id/:file': view,
  'POST /api/v1/admin/plugins/:name/reload': admin,
  'POST /api/v1/admin/plugins/:name/enable': admin,
  'POST /api/v1/admin/plugins/:name/disable': admin,
  'GET /api/v1/plugins': view,
  'GET /api/v1/parked': admin,
  'POST /api/v1/parked/:id/retry': admin,
  'DELETE /api/v1/parked/:id': admin,
  // Of the zones plugin.
  'GET /api/v1/cameras/:id/zones': view,
  'POST /api/v1/cameras/:id/zones': manageWith({
    name: 'x',
    polygon: [
      [0, 0],
      [1, 0],
      [1, 1],
    ],
  }),
  'PATCH /api/v1/zones/:zone_id': manageWith({ name: 'x' }),
  'DELETE /api/v1/zones/:zone_id': manage,
  'GET /api/v1/cameras/:id/zone-events': view,
};

/** What is about the credential itself, and has tests of its own. */
export const elsewhere: Readonly<Record<string, string>> = {
  'POST /api/v1/auth/login': 'public; sign-in.test.ts',
  'POST /api/v1/auth/password': 'of the own account; sign-in.test.ts',
  'GET /api/v1/auth/oidc/login': 'public; oidc.test.ts',
  'GET /api/v1/auth/oidc/callback': 'public; oidc.test.ts',
};
