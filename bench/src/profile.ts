/** Where did the time go? The functions with the most time of their own, from V8's CPU profiles. */
import type { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

interface CpuProfile {
  readonly nodes: readonly {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export function topEntries(folder: string, list: typeof readdirSync, read: typeof readFileSync): string[] {
  const lines: string[] = [];
  for (const file of list(folder)) {
    const profile = JSON.parse(read(join(folder, file), 'utf8')) as CpuProfile;
    const frames = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
    const self = new Map<string, number>();
    let total = 0;
    for (const [index, id] of profile.samples.entries()) {
      const frame = frames.get(id);
      const delta = profile.timeDeltas[index] ?? 0;
      total += delta;
      const name =
        frame === undefined
          ? '?'
          : `${frame.functionName || '(anonymous)'} ${basename(frame.url)}:${frame.lineNumber + 1}`;
      self.set(name, (self.get(name) ?? 0) + delta);
    }
    const idle = self.get('(idle) :0') ?? 0;
    lines.push(
      `profile of a thread, busy ${((1 - idle / total) * 100).toFixed(0)} %, share of its busy time:`,
    );
    const top = [...self]
      .filter(([name]) => name !== '(idle) :0')
      .sort((a, b) => b[1] - a[1])
      .slice(0, 14);
    for (const [name, time] of top)
      lines.push(`  ${((time / (total - idle)) * 100).toFixed(1).padStart(5)} %  ${name}`);
  }
  return lines;
}
