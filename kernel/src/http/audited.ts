/** What a route says of the audit log, and what its handler leaves there. */
import type { Principal } from '@heldar/plugin-sdk';
import type { NewAudit } from '../store/units.ts';

/** What a route says of it: which action it is, on what; or why nothing is written. */
export type AuditDeclaration =
  | {
      readonly action: string;
      readonly target: string;
      /** An answer may show or change nothing, and then leaves nothing. */
      readonly sometimes?: true;
    }
  | { readonly none: string };

export interface AuditSubject {
  /** The one camera it is about. Default: that of the route. */
  readonly camera?: string | null;
  readonly detail?: Readonly<Record<string, unknown>>;
  /** Another action than the declared. */
  readonly action?: string;
  /** Who did it, where the caller is not signed in yet. */
  readonly as?: Pick<Principal, 'id' | 'name'> & { readonly role: string | null };
}

/** Makes the row of this request's action. */
export type MakeAudit = (targetId: string | null, subject?: AuditSubject) => NewAudit;
