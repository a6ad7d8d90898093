/** The audit log over HTTP. */
import { formatRfc3339, z } from '@heldar/plugin-sdk';
import { listAudit } from '../../store/audit-queries.ts';
import type { AuditRow } from '../../store/audit-chain.ts';
import { audit } from '../../store/audit-schema.ts';
import type { Store } from '../../store/store.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { limitParam, timeParam } from '../query-params.ts';

const textOrNull = z.string().nullable();
const auditOutput = z
  .object({
    id: z.string(),
    actor: z.string(),
    actor_name: textOrNull,
    role: textOrNull,
    action: z.string(),
    target_type: textOrNull,
    target_id: textOrNull,
    camera_id: textOrNull,
    address: textOrNull,
    detail: z.record(z.string(), z.unknown()),
    created_at: z.string(),
  })
  .meta({ id: 'AuditRecord' });

export function auditRoutes({ store }: { store: Pick<Store, 'read'> }): KernelRoute[] {
  return [
    kernelRoute.get('/api/v1/audit', {
      summary: 'The audit log, newest first; a blank bound counts as none',
      capability: 'manage_registry',
      scope: { rows: 'cameras' },
      query: z.object({
        from: timeParam({ blank: 'none' }),
        to: timeParam({ blank: 'none' }),
        actor: z.string().optional(),
        action: z.string().optional(),
        limit: limitParam(200, 1, 5000),
      }),
      output: z.array(auditOutput),
      handle: ({ query: { from, to, ...filter }, cameras }) =>
        listAudit(store.read, {
          ...filter,
          // Times of rows are whole milliseconds.
          from: from === undefined ? undefined : from.ms + Number(from.ns > 0),
          to: to?.ms,
          actor: filter.actor,
          action: filter.action,
          owned: cameras.owns(audit.cameraId),
        }).map(auditView),
    }),
  ];
}

function auditView(row: AuditRow): z.infer<typeof auditOutput> {
  return {
    id: row.id,
    actor: row.actor,
    actor_name: row.actorName,
    role: row.role,
    action: row.action,
    target_type: row.targetType,
    target_id: row.targetId,
    camera_id: row.cameraId,
    address: row.address,
    detail: JSON.parse(row.detail) as Record<string, unknown>,
    created_at: formatRfc3339(row.at),
  };
}
