/** How long each step of the boot took, as a tree. */

export interface BootTrace {
  /** Runs a step inside the current one and notes its time. */
  step<Value>(name: string, run: () => Value): Value;
  /** One line a step, indented by depth, times in ms. */
  print(): string;
  readonly totalMs: number;
}

interface Node {
  readonly name: string;
  ms: number;
  failed: boolean;
  readonly children: Node[];
}

export function createBootTrace(monotonic: () => number): BootTrace {
  const root: Node = { name: 'boot', ms: 0, failed: false, children: [] };
  const started = monotonic();
  let current = root;
  return {
    step(name, run) {
      const node: Node = { name, ms: 0, failed: false, children: [] };
      const parent = current;
      const begun = monotonic();
      const done = (failed: boolean) => {
        node.ms = monotonic() - begun;
        node.failed = failed;
        root.ms = monotonic() - started;
        if (current === node) current = parent;
      };
      const settle = async (running: Promise<unknown>) => {
        let failed = true;
        try {
          const result = await running;
          failed = false;
          return result;
        } finally {
          done(failed);
        }
      };
      parent.children.push(node);
      current = node;
      try {
        const value = run();
        if (!(value instanceof Promise)) {
          done(false);
          return value;
        }
        return settle(value) as typeof value;
      } catch (error) {
        done(true);
        throw error;
      }
    },
    print() {
      const lines: string[] = [];
      const visit = (node: Node, depth: number) => {
        lines.push(
          `${node.ms.toFixed(1).padStart(8)} ms  ${'  '.repeat(depth)}${node.failed ? '✖ ' : ''}${node.name}`,
        );
        for (const child of node.children) visit(child, depth + 1);
      };
      visit(root, 0);
      return lines.join('\n');
    },
    get totalMs() {
      return root.ms;
    },
  };
}
