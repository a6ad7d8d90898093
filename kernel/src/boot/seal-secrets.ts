/** Secrets of a database from before they were sealed become so at the first start. */
import type { KernelLog } from '../log.ts';
import type { Store } from '../store/store.ts';

/** Cameras a transaction. */
const batchSize = 100;

export async function sealPlainSecrets(store: Pick<Store, 'write'>, log: KernelLog): Promise<void> {
  let sealed = 0;
  for (;;) {
    const count = await store.write('cameras.seal', { limit: batchSize });
    sealed += count;
    if (count < batchSize) break;
  }
  if (sealed > 0) log.part('secrets').info({ cameras: sealed }, 'secrets of cameras are sealed from now on');
}
