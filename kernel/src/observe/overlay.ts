/** Is the overlay network, by which this node is reached from elsewhere, up? */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface OverlaySettings {
  readonly enabled: boolean;
  /** A label: `tailscale`, `netbird`, `wireguard`, `none`; any text is let through. */
  readonly kind: string;
  /** The network interface to look at; null: none is named. */
  readonly iface: string | null;
}

export interface OverlayStatus extends OverlaySettings {
  readonly present: boolean;
  /** As the system says it; null: unknown. */
  readonly operstate: string | null;
  readonly up: boolean;
  /** A sentence for people. */
  readonly note: string;
}

/** `interfaces`: the folder with one entry an interface; given by tests. */
export async function overlayStatus(
  settings: OverlaySettings,
  interfaces = '/sys/class/net',
): Promise<OverlayStatus> {
  const { enabled, iface } = settings;
  const without = { ...settings, present: false, operstate: null, up: false };
  if (!enabled) return { ...without, note: 'Overlay reporting is off (HELDAR_OVERLAY_ENABLED).' };
  if (iface === null) return { ...without, note: 'No interface is named (HELDAR_OVERLAY_IFACE).' };
  // A name is no path: what names another folder is no interface.
  const isPresent =
    /^[^/\s]+$/.test(iface) && iface !== '.' && iface !== '..' && (await exists(join(interfaces, iface)));
  if (!isPresent) return { ...without, note: `There is no interface ${iface}.` };
  const operstate = await readState(join(interfaces, iface, 'operstate'));
  // Tunnels report `unknown` while they work.
  const up = operstate === null || operstate === 'up' || operstate === 'unknown';
  const state = operstate ?? 'present, its state unreadable';
  return { ...settings, present: true, operstate, up, note: `The interface ${iface} is ${state}.` };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

async function readState(file: string): Promise<string | null> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    return null;
  }
}
