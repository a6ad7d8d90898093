/** A kernel whose cameras have known footage already. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { markerFile } from '../src/recording/folder-identity.ts';
import { createFakeClock } from '../src/testing/fake-clock.ts';
import { startRig, type KernelRig } from './kernel-rig.ts';
import { openMediaStore, type MediaStore } from './media-store.ts';

/** Footage is older than any kernel of a test; no clean-up is to take it. */
const keptHours = 100_000;

/** `fill` records what each camera saw. */
export async function startFootageSite(
  cameras: readonly string[],
  fill: (media: MediaStore) => Promise<void>,
  env: Readonly<Record<string, string>> = {},
): Promise<KernelRig> {
  return startRig({
    cameras: [],
    // Whoever wants previews says so.
    env: { HELDAR_PREVIEW_CPU_PERCENT: '0', ...env },
    async prepare(folder) {
      const media = await openMediaStore(folder, createFakeClock());
      for (const name of cameras)
        await media.createCamera({ name, record_enabled: false, retention_hours: keptHours });
      await fill(media);
      await writeFile(join(media.recordingsDir, markerFile), `${media.store.storeId}\n`);
      await media.store.close();
    },
  });
}

/** The bytes of an answer; `status` must be as expected. */
export async function bytesOf(
  rig: Pick<KernelRig, 'kernel'>,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
  const response = await rig.kernel.inject(path, { headers });
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}
