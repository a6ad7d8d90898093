/** Which composition is a command about? */
import type { Command } from 'commander';
import type { ResolvedConfig } from '../config/load-config.ts';

export interface CompositionFlags {
  readonly config?: string;
  readonly env?: string;
}

export function withComposition(command: Command): Command {
  return command
    .option('--config <file>', 'the composition (default: the nearest heldar.config.ts)')
    .option('--env <name>', 'development, production or test (default: NODE_ENV, else production)');
}

/** `fresh`: another number than before reads the files anew. @throws HeldarError `config_invalid`. */
export async function readComposition(
  { config, env }: CompositionFlags,
  { fresh = 0 } = {},
): Promise<ResolvedConfig> {
  const { loadConfig } = await import('../config/load-config.ts');
  return loadConfig({ cwd: process.cwd(), env: process.env, file: config, environment: env, fresh });
}
