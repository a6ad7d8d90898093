/** A row for the audit log. */
import type { Principal } from '@heldar/plugin-sdk';
import { newId } from '../ids.ts';
import type { NewAudit } from '../store/units.ts';

/** `now`: ms since the epoch. */
export function newAudit(
  now: number,
  principal: Pick<Principal, 'id' | 'name'> & { readonly role: string | null },
  act: Pick<NewAudit, 'action' | 'targetType' | 'targetId'> &
    Partial<Pick<NewAudit, 'cameraId' | 'address' | 'detail'>>,
): NewAudit {
  return {
    id: newId('aud', now),
    actor: principal.id,
    actorName: principal.name,
    role: principal.role,
    cameraId: null,
    address: null,
    detail: {},
    ...act,
  };
}
