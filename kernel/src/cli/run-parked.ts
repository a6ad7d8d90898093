/** How each step of `heldar parked` is done, by the running kernel. */
import { askKernel, originOf, type AddressFlags } from './ask-kernel.ts';
import { readComposition, type CompositionFlags } from './composition.ts';
import { alignColumns } from './table.ts';

type Flags = CompositionFlags & AddressFlags;

interface ParkedItem {
  readonly id: string;
  readonly plugin: string;
  readonly consumer: string;
  readonly kind: string;
  readonly seq: number;
  readonly error: string;
  readonly attempts: number;
  readonly parked_at: string;
}

export async function listParked(flags: Flags & { readonly json?: true }): Promise<void> {
  const items = (await ask(flags, '/api/v1/parked?limit=1000')) as ParkedItem[];
  if (flags.json === true) process.stdout.write(`${JSON.stringify(items, null, 2)}\n`);
  else if (items.length === 0) process.stdout.write('nothing is parked\n');
  else
    process.stdout.write(
      alignColumns([
        ['id', 'parked', 'of', 'what', 'error'],
        ...items.map(({ id, parked_at, plugin, consumer, kind, seq, error, attempts }) => [
          id,
          parked_at,
          `${plugin}.${consumer}`,
          `${kind} ${seq}`,
          `${error.replaceAll(/\s+/g, ' ')} (${attempts} tries)`,
        ]),
      ]),
    );
}

export async function retryParked(id: string, flags: Flags): Promise<void> {
  await ask(flags, `/api/v1/parked/${encodeURIComponent(id)}/retry`, 'POST');
  process.stdout.write(`${id} is being processed again; heldar parked list shows whether it stays\n`);
}

export async function dropParked(id: string, flags: Flags): Promise<void> {
  await ask(flags, `/api/v1/parked/${encodeURIComponent(id)}`, 'DELETE');
  process.stdout.write(`${id} is dropped\n`);
}

async function ask(flags: Flags, path: string, method?: string): Promise<unknown> {
  const { settings } = await readComposition(flags);
  return askKernel(originOf(settings, flags), path, method);
}
