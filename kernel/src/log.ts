/** How the kernel logs: one line an event, to standard error, readable on a terminal and JSON elsewhere; URLs without their user info. */
import type { Logger } from '@heldar/plugin-sdk';
import { pino, type DestinationStream, type Level, type LevelWithSilent, type Logger as Pino } from 'pino';
import { pretty } from './log-pretty.ts';
import { maskUrls } from './config/mask.ts';

export interface KernelLog extends Logger {
  /** A logger whose lines carry the part's name, with the level that the filter gives it. */
  part(name: string): Logger;
}

/** `info`, or `info,recorder=debug`. */
export function parseLogFilter(filter: string): {
  level: LevelWithSilent;
  parts: ReadonlyMap<string, LevelWithSilent>;
} {
  const parts = new Map<string, LevelWithSilent>();
  let level: LevelWithSilent = 'info';
  for (const item of filter.split(',').map((text) => text.trim())) {
    const [name, value] = item.split('=');
    if (value !== undefined && name !== undefined) parts.set(name, asLevel(value));
    else if (item !== '') level = asLevel(item);
  }
  return { level, parts };
}

/** What the configuration accepts: pino's levels, and `off`. */
function asLevel(text: string): LevelWithSilent {
  const levels: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error'] satisfies Level[];
  if (text === 'off') return 'silent';
  return levels.includes(text) ? (text as Level) : 'info';
}

export function createLog(filter: string, destination: DestinationStream = pretty()): KernelLog {
  const { level, parts } = parseLogFilter(filter);
  const root = pino(
    {
      base: null,
      level: 'trace',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.err },
      hooks: { streamWrite: maskUrls },
    },
    destination,
  );
  const at = (logger: Pino, name: string | null): Logger => {
    logger.level = (name === null ? undefined : parts.get(name)) ?? level;
    return logger;
  };
  const log: KernelLog = Object.assign(at(root, null), {
    part: (name: string) => at(root.child({ part: name }), name),
  });
  return log;
}
