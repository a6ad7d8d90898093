/** With which code and options did a consumer run, and since when? A row for each change of them. */
import type { WriteContext } from './write-context.ts';

export interface GenerationFacts {
  /** Of the plugin's package; empty without one. */
  readonly version: string;
  /** Options as JSON text, secrets masked. */
  readonly config: string;
}

/** Notes what the consumer runs with from this epoch on, when it is not what it ran with before. */
export function noteGeneration(
  ctx: WriteContext,
  consumer: { readonly id: number; readonly epoch: number },
  { version, config }: GenerationFacts,
): void {
  const last = ctx
    .sql('SELECT version, config FROM generations WHERE consumer_id = ? ORDER BY epoch DESC LIMIT 1')
    .get(consumer.id) as GenerationFacts | undefined;
  if (last?.version === version && last.config === config) return;
  ctx
    .sql('INSERT INTO generations (consumer_id, epoch, version, config, started_at) VALUES (?, ?, ?, ?, ?)')
    .run(consumer.id, consumer.epoch, version, config, ctx.now);
}
