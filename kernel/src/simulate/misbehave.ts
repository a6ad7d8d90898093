/** How does a fault come about while clients look on, and how does it end? */
import type { Broadcast } from './broadcast.ts';
import { goodConduct, type Conduct } from './conduct.ts';
import type { Fault } from './fault.ts';
import type { MediaFile } from './media-file.ts';
import type { RtspServer } from './server.ts';

export interface MisbehavingCamera {
  readonly conduct: Conduct;
  readonly broadcast: Broadcast;
  readonly server: Pick<RtspServer, 'cut' | 'setAccepting'>;
  /** Opens a file as the camera's own was opened, with sound where it has some. */
  open(path: string): Promise<MediaFile>;
}

/** Resolves when clients have been hit. */
export async function misbehave(camera: MisbehavingCamera, fault: Fault): Promise<void> {
  const { conduct, broadcast, server } = camera;
  switch (fault.kind) {
    case 'drop':
      return await server.cut();
    case 'freeze':
      conduct.isFrozen = true;
      return;
    case 'hang':
      conduct.isHanging = true;
      return;
    case 'refuse':
      return await server.setAccepting(false);
    case 'off':
      await server.setAccepting(false);
      return await server.cut();
    case 'error':
      conduct.refusal = fault.status;
      return;
    case 'jump':
      broadcast.jump(fault.seconds);
      return;
    case 'file':
      return await showFile(camera, fault.path);
    case 'mute':
      conduct.isMuted = true;
      return;
    case 'recover':
      Object.assign(conduct, goodConduct());
      return await server.setAccepting(true);
  }
}

async function showFile({ broadcast, server, open }: MisbehavingCamera, path: string): Promise<void> {
  const before = codecsOf(broadcast);
  const replaced = await broadcast.show(await open(path));
  await replaced.close();
  if (codecsOf(broadcast) !== before) await server.cut();
}

function codecsOf({ tracks }: Broadcast): string {
  return tracks.map(({ codec }) => codec).join(' ');
}
