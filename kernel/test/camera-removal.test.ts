import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CameraPlace } from '../src/cameras/camera-places.ts';
import { createCameraRemoval, type CameraRemoval } from '../src/cameras/remove-camera.ts';
import { systemClock } from '../src/clock.ts';
import { createGarbage } from '../src/recording/garbage.ts';
import { createRecordingRoots } from '../src/recording/roots.ts';
import { openWriter } from '../src/store/database.ts';
import type { Store } from '../src/store/store.ts';
import { openMediaStore, reopenMediaStore, silentLog, type MediaStore } from './media-store.ts';

let media: MediaStore;
let removal: CameraRemoval;
/** Places whose disk is away. */
const away = new Set<string>();
const placeNames = ['recordings', 'archive', 'snapshots', 'ring', 'mirror'];

beforeEach(async () => {
  away.clear();
  media = await openMediaStore();
  removal = await removalOn(media.store);
  await media.createCamera({ name: 'Gate' });
  await media.createCamera({ name: 'Yard' });
});
afterEach(async () => {
  await removal.stop();
  await media[Symbol.asyncDispose]();
});

async function removalOn(store: Pick<Store, 'read' | 'write' | 'storeId'>): Promise<CameraRemoval> {
  const folder = (name: string) => join(media.folder, name);
  const { recordingsDir } = media;
  const roots = createRecordingRoots({ store, clock: systemClock, recordingsDir, log: silentLog });
  await roots.check('');
  const folders = { snapshot: folder('snapshots'), clip: folder('clips') };
  return createCameraRemoval({
    store,
    registry: media.registry,
    fleet: { reconcile: () => Promise.resolve(), rescan: () => Promise.resolve() },
    evidence: { flush: () => Promise.resolve() },
    places: placeNames.map((name): CameraPlace => ({
      name,
      folder: folder(name),
      isOurs: () => Promise.resolve(!away.has(name)),
    })),
    garbage: createGarbage({ store, roots, folders, log: silentLog }),
    writers: [],
    log: silentLog,
  });
}

/** A file in each place and of each kind, with the rows that belong to them. */
async function fill(camera: string): Promise<void> {
  const write = async (path: string) => {
    const file = join(media.folder, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, path);
  };
  for (const place of placeNames) await write(`${place}/${camera}/one.bin`);
  await write(`snapshots/zoneevt_${camera}.jpg`);
  await write(`clips/clip_${camera}.mp4`);
  const incarnation = media.registry.incarnation(camera) ?? 0;
  for (let index = 0; index < 3; index += 1)
    await media.store.write('segments.add', {
      incarnation,
      segment: {
        id: `seg_${camera}_${index}`,
        path: `${camera}/${index}.mp4`,
        startTime: index,
        endTime: index + 1,
        codec: null,
        width: null,
        height: null,
        sizeBytes: 1,
      },
      live: null,
    });
  sql(`INSERT INTO snapshots VALUES ('snap_${camera}', '${camera}', NULL, '${camera}/one.bin', 0, 1, 0)`);
  sql(`INSERT INTO evidence VALUES ('zoneevt_${camera}.jpg', '${camera}', 'zones', NULL, 0, 'kept', 0)`);
  sql(
    `INSERT INTO clips VALUES ('clip_${camera}', '${camera}', 0, 1, 'ready', 'exact', 1, 1, '{}', 'u', 0, NULL)`,
  );
  sql(`INSERT INTO playback_sessions VALUES ('pbs_${camera}', '${camera}', 0, 1, 1, '{}', 'u', 0, 0)`);
}

function sql(text: string): void {
  const db = openWriter(media.store.file);
  db.prepare(text).run();
  db.close();
}

/** Files below the folder that belong to a camera, whatever they are called now. */
async function filesOf(camera: string): Promise<string[]> {
  const names = await readdir(media.folder, { recursive: true, withFileTypes: true });
  const paths = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(
    paths.filter((path) => !path.includes('heldar.db')).map((path) => readFile(path, 'utf8')),
  );
  return contents.filter((content) => content.includes(camera));
}

const tables = ['segments', 'snapshots', 'evidence', 'clips', 'playback_sessions'];
const rowsOf = (camera: string) =>
  tables.filter((table) => media.sql(`SELECT 1 FROM ${table} WHERE camera_id = ?`, camera).length > 0);
const leftovers = () =>
  media.sql(`SELECT path FROM garbage UNION ALL SELECT key FROM meta WHERE key LIKE 'removing:%'`);

describe('a camera that is removed', () => {
  test('takes along every file and row of its own, and nothing of another', async () => {
    await fill('gate');
    await fill('yard');
    const others = await filesOf('yard');
    await removal.remove('gate');
    expect(await filesOf('gate')).toEqual([]);
    expect(rowsOf('gate')).toEqual([]);
    expect(leftovers()).toEqual([]);
    expect(await filesOf('yard')).toEqual(others);
    expect(rowsOf('yard')).toEqual(tables);
    // Its id is free, and what comes is not taken for what went.
    await media.createCamera({ name: 'Gate' });
    await fill('gate');
    await removal.start();
    expect((await filesOf('gate')).length).toBe(others.length);
  });

  test('stays, whole, while footage is held', async () => {
    await fill('gate');
    sql(`UPDATE segments SET evidence_locked = 1 WHERE id = 'seg_gate_1'`);
    await expect(removal.remove('gate')).rejects.toMatchObject({ code: 'conflict' });
    expect(rowsOf('gate')).toEqual(tables);
    expect(media.sql('SELECT 1 FROM segments WHERE camera_id = ?', 'gate')).toHaveLength(3);
    expect(leftovers()).toEqual([]);
    await expect(removal.remove('none')).rejects.toMatchObject({ code: 'not_found' });
  });

  test.each([2, 3, 4, 5, 6])(
    'is gone after the next start when the kernel dies before write %i',
    async (fatal) => {
      await fill('gate');
      await fill('yard');
      const others = await filesOf('yard');
      let writes = 0;
      const dying = {
        read: media.store.read,
        storeId: media.store.storeId,
        write: ((...args: Parameters<Store['write']>) => {
          writes += 1;
          return writes >= fatal
            ? Promise.reject(new Error('the kernel is dead'))
            : media.store.write(...args);
        }) as Store['write'],
      };
      await Promise.allSettled([(await removalOn(dying)).remove('gate')]);
      const { folder } = media;
      await media.store.close();
      media = await reopenMediaStore(folder);
      removal = await removalOn(media.store);
      await removal.start();
      expect(leftovers()).toEqual([]);
      expect(await filesOf('gate')).toEqual([]);
      expect(rowsOf('gate')).toEqual([]);
      expect(await filesOf('yard')).toEqual(others);
    },
  );

  test('leaves a disk that is away alone, and is cleared from it by the first start that finds it', async () => {
    await fill('gate');
    away.add('archive').add('mirror');
    // Another site's disk, by chance with a camera of that name.
    const mirror = join(media.folder, 'mirror');
    await rename(mirror, `${mirror}.away`);
    await removal.remove('gate');
    expect((await filesOf('gate')).sort()).toEqual(['archive/gate/one.bin', 'mirror/gate/one.bin']);
    away.clear();
    await rename(`${mirror}.away`, mirror);
    await removal.start();
    expect(await filesOf('gate')).toEqual([]);
  });

  test('takes along stills that consumers kept after it was gone', async () => {
    await fill('gate');
    await removal.remove('gate');
    await writeFile(join(media.folder, 'snapshots', 'late.jpg'), 'gate');
    sql(`INSERT INTO evidence VALUES ('late.jpg', 'gate', 'zones', NULL, 0, 'kept', 0)`);
    await removal.start();
    expect(await filesOf('gate')).toEqual([]);
    expect(rowsOf('gate')).toEqual([]);
  });
});
