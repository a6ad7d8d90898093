/** What runs against a kernel while a plugin of it is swapped: batches that are sent until acknowledged, requests to the plugin, and a check of what came of them. */
import Database from 'better-sqlite3';

/** A plugin whose effects show every batch that was lost, doubled or out of order: `version` makes its text new. */
export function tallyPlugin(version: number, extra = ''): string {
  return `/** Version ${version}. */
import { consumer, definePlugin, onEvent, route, sql, z } from '@heldar/plugin-sdk';
import { setImmediate as turn } from 'node:timers/promises';
import { version } from './version.ts';
${extra}
export default definePlugin({
  name: 'tally',
  consumes: '*',
  emits: { passed: z.object({ seq: z.number(), n: z.number() }) },
  capabilities: ['events:emit'],
  migrations: './migrations',
  setup: ({ db }) => ({
    consumers: [
      consumer({
        name: 'by-camera',
        from: 'start',
        async consume(batch, fx) {
          const n = (fx.state.get('n') ?? 0) + 1;
          await turn();
          fx.state.set('n', n);
          fx.write(sql\`insert into tally_rows (seq, camera_id, n, version) values (\${batch.seq}, \${batch.cameraId}, \${n}, \${version})\`);
          if (n % 10 === 0) fx.emit('passed', { seq: batch.seq, n });
        },
        tick: { every: '200ms', run(fx) { fx.state.set('ticks', (fx.state.get('ticks') ?? 0) + 1); } },
      }),
      consumer({
        name: 'over-all',
        order: 'all',
        from: 'start',
        async consume(batch, fx) {
          await turn();
          const n = (fx.state.get('n') ?? 0) + 1;
          fx.state.set('n', n);
          fx.write(sql\`insert into tally_all (seq, n) values (\${batch.seq}, \${n})\`);
        },
      }),
    ],
    handlers: [
      onEvent('passed', (event, { tx }) => {
        tx.write(sql\`insert into tally_events (id) values (\${event.id})\`);
      }),
    ],
    routes: [
      route.get('/version', {
        capability: 'view',
        scope: { none: 'a number, for tests' },
        output: z.object({ version: z.number(), rows: z.number() }),
        async handle() {
          await turn();
          return { version, rows: db.get(sql\`select count(*) as n from tally_rows\`).n };
        },
      }),
    ],
  }),
});
`;
}

export const tallyPackage = JSON.stringify({
  name: '@heldar-test/tally',
  version: '1.0.0',
  type: 'module',
  exports: './index.ts',
  heldar: { name: 'tally', release: ['0001_tally.sql'] },
  peerDependencies: { '@heldar/plugin-sdk': '^0.1.0' },
});

// Without a unique key: a doubled row is stored, and shows.
export const tallyTables = `CREATE TABLE tally_rows (seq INTEGER NOT NULL, camera_id TEXT NOT NULL, n INTEGER NOT NULL, version INTEGER NOT NULL);
CREATE TABLE tally_all (seq INTEGER NOT NULL, n INTEGER NOT NULL);
CREATE TABLE tally_events (id TEXT NOT NULL);
`;

/** Files of a site with the plugin and cameras' batches to come. */
export const tallySite = {
  'heldar.config.ts': `export default { plugins: ['./tally/index.ts'] };\n`,
  'tally/package.json': tallyPackage,
  'tally/index.ts': tallyPlugin(0),
  'tally/version.ts': 'export const version = 0;\n',
  'tally/migrations/0001_tally.sql': tallyTables,
};

export interface Load {
  /** Acknowledged batches. */
  readonly sent: number;
  /** Requests to the plugin's route that were answered 200. */
  readonly asked: number;
  /** Answers that were none of what a client may expect. */
  readonly failures: readonly string[];
  /** From request to answer of each batch, ms. */
  readonly ingestMs: readonly number[];
  stop(): Promise<void>;
}

/** `senders` send batches one after the other, each until it is acknowledged; `askers` ask the plugin. `origin` may change: the kernel may have started again. */
export function startLoad(options: {
  origin: () => string;
  cameras: readonly string[];
  senders: number;
  askers: number;
  /** Between two requests of one asker, ms. */
  askEveryMs: number;
  /** Between two batches of one sender, ms; 0: at once. */
  sendEveryMs?: number;
  /** A connection that broke is no failure: the kernel is killed now and then. */
  mayBreak?: boolean;
}): Load {
  const { cameras, mayBreak = false, sendEveryMs = 0 } = options;
  const failures: string[] = [];
  const ingestMs: number[] = [];
  let [sent, asked, next, running] = [0, 0, 0, true];

  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const request = async (path: string, init?: RequestInit): Promise<Response | null> => {
    try {
      return await fetch(options.origin() + path, init);
    } catch (error) {
      if (!mayBreak) failures.push(`${path}: ${String((error as Error).cause ?? error)}`);
      await pause(20);
      return null;
    }
  };
  const send = async (sender: number) => {
    while (running) {
      const frame = `${sender}-${(next += 1)}`;
      const body = JSON.stringify({
        camera_id: cameras[next % cameras.length],
        task_type: 'people',
        frame_id: frame,
        detections: [{ label: 'person', confidence: 0.9, bbox: [0.1, 0.1, 0.2, 0.2], track_id: frame }],
      });
      for (;;) {
        const began = performance.now();
        const response = await request('/api/v1/ai/events', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        if (response === null) continue;
        await response.arrayBuffer();
        ingestMs.push(performance.now() - began);
        if (response.status === 200) break;
        failures.push(`batch ${frame}: ${response.status}`);
      }
      sent += 1;
      if (sendEveryMs > 0) await pause(sendEveryMs);
    }
  };
  const ask = async () => {
    while (running) {
      const response = await request('/api/v1/plugins/tally/version');
      if (response !== null) {
        const text = await response.text();
        if (response.status === 200) asked += 1;
        else if (!mayBreak || response.status !== 404) failures.push(`version: ${response.status} ${text}`);
      }
      await pause(options.askEveryMs);
    }
  };
  const all = [
    ...Array.from({ length: options.senders }, (_, index) => send(index)),
    ...Array.from({ length: options.askers }, () => ask()),
  ];
  return {
    get sent() {
      return sent;
    },
    get asked() {
      return asked;
    },
    failures,
    ingestMs,
    async stop() {
      running = false;
      await Promise.all(all);
    },
  };
}

/** What the database holds beside what the log says it should: empty lists when every batch had its effect once, in order. */
export function readTally(file: string) {
  const db = new Database(file, { readonly: true });
  try {
    const all = <Row>(sql: string) => db.prepare(sql).all() as Row[];
    const value = (sql: string) => db.prepare(sql).pluck().get() as number;
    return {
      batches: value(`SELECT count(*) FROM log WHERE kind = 'batch'`),
      lost: all(
        `SELECT seq FROM log WHERE kind = 'batch' AND (seq NOT IN (SELECT seq FROM tally_rows) OR seq NOT IN (SELECT seq FROM tally_all))`,
      ),
      doubled: all(
        `SELECT seq FROM tally_rows GROUP BY seq HAVING count(*) > 1 UNION ALL SELECT seq FROM tally_all GROUP BY seq HAVING count(*) > 1`,
      ),
      outOfOrder: all(
        `SELECT seq FROM (SELECT seq, n, row_number() OVER (PARTITION BY camera_id ORDER BY seq) AS expected FROM tally_rows) WHERE n <> expected
         UNION ALL SELECT seq FROM (SELECT seq, n, row_number() OVER (ORDER BY seq) AS expected FROM tally_all) WHERE n <> expected`,
      ),
      events: value(`SELECT count(*) FROM events WHERE event_type = 'tally.passed'`),
      expectedEvents: value(`SELECT count(*) FROM tally_rows WHERE n % 10 = 0`),
      handled: value('SELECT count(DISTINCT id) FROM tally_events'),
      handledTwice: all('SELECT id FROM tally_events GROUP BY id HAVING count(*) > 1'),
      versions: value('SELECT count(DISTINCT version) FROM tally_rows'),
    };
  } finally {
    db.close();
  }
}

/** As `readTally` should answer it. */
export const nothingWrong = { lost: [], doubled: [], outOfOrder: [], handledTwice: [] };

/** Columns of the plugin's first table. */
export function readColumns(file: string): string[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare(`SELECT name FROM pragma_table_info('tally_rows')`).pluck().all() as string[];
  } finally {
    db.close();
  }
}
