/** In which order do generations end? Whoever requires others first. */
import type { Slot } from './slot.ts';

/** Side by side, but for those that others need: these wait until whoever needs them is gone. */
export async function stopPlugins(slots: readonly Slot[]): Promise<void> {
  const stopping = new Map<Slot, Promise<void>>();
  const stop = (slot: Slot): Promise<void> => {
    const known = stopping.get(slot);
    if (known !== undefined) return known;
    const done = stopSlot(
      slot,
      slots.filter(({ manifest }) => Object.hasOwn(manifest?.requires ?? {}, slot.name)).map(stop),
    );
    stopping.set(slot, done);
    return done;
  };
  await Promise.all(slots.filter(({ generation }) => generation !== null).map(stop));
}

async function stopSlot(slot: Slot, dependents: readonly Promise<void>[]): Promise<void> {
  await Promise.all(dependents);
  await slot.generation?.dispose();
  if (slot.generation === null) return;
  slot.generation = null;
  slot.state = 'stopped';
}
