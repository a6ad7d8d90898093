/** A kernel's recording in a process of its own, for tests that kill it: `node recorder-process.ts <folder> [without-setpriv]`. */
import { findMediaTools } from '../src/media/tools.ts';
import { createMediaRig } from './media-rig.ts';
import { reopenMediaStore } from './media-store.ts';

const [, , folder = '', variant] = process.argv;
const tools = await findMediaTools();
const media = await reopenMediaStore(folder);
const rig = await createMediaRig(media, {
  tools: variant === 'without-setpriv' ? { ...tools, setpriv: null } : tools,
});
await rig.fleet.start();
console.log('started');
