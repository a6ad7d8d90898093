/** How a plugin of the running kernel is changed from the command line; the composition is written only on request. */
import { HeldarError } from '../../errors.ts';
import { switchOff, switchOn } from '../../config/edit/switch-plugin.ts';
import { askKernel, originOf, type AddressFlags } from '../ask-kernel.ts';
import { readComposition, type CompositionFlags } from '../composition.ts';
import { rewriteComposition } from './rewrite.ts';
import { openSite } from './site.ts';

export type ChangeFlags = CompositionFlags & AddressFlags;
type Kind = 'reload' | 'enable' | 'disable';

interface Answer {
  readonly did: 'started' | 'swapped' | 'stopped' | 'nothing';
  readonly took_ms: number;
}

const said = {
  started: 'is started',
  swapped: 'is reloaded',
  stopped: 'is stopped',
  nothing: 'is as it was',
} as const;

export async function changePlugin(
  kind: Kind,
  name: string,
  flags: ChangeFlags & { readonly write?: true },
): Promise<void> {
  const { did, took_ms: tookMs } = await askForChange(kind, name, flags);
  process.stdout.write(`${name} ${said[did]}${did === 'nothing' ? '' : `, in ${tookMs} ms`}\n`);
  if (flags.write === true && kind !== 'reload') await writeSwitch(kind, name, flags);
  else if (kind === 'disable')
    process.stdout.write(
      `the next start runs it again; to keep it off: heldar plugin disable ${name} --write\n`,
    );
}

/** @throws HeldarError `change_refused` with the kernel's words. */
export async function askForChange(kind: Kind, name: string, flags: ChangeFlags): Promise<Answer> {
  const { settings } = await readComposition(flags);
  const path = `/api/v1/admin/plugins/${encodeURIComponent(name)}/${kind}`;
  return (await askKernel(originOf(settings, flags), path, 'POST', changeTimeoutMs)) as Answer;
}

/** Tables may change, and calls under way are waited for. */
const changeTimeoutMs = 120_000;

async function writeSwitch(kind: 'enable' | 'disable', name: string, flags: CompositionFlags): Promise<void> {
  const site = await openSite(flags);
  const edited = await (kind === 'disable' ? switchOff : switchOn)(site.file, site.text, name);
  if (edited.text === null)
    throw new HeldarError(
      'config_invalid',
      `${edited.what}, so ${site.shown} is as it was\n  next: ${edited.next}`,
    );
  if (edited.text === site.text) {
    process.stdout.write(`${site.shown} says so already\n`);
    return;
  }
  await rewriteComposition(site, edited.text, async () => undefined);
  process.stdout.write(`${site.shown} says so from now on\n`);
}
