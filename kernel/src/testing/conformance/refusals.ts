/** What did the plugin ask for that was refused? Noted also when its code catches the error and says nothing. */
import { HeldarError } from '../../errors.ts';
import type { Store } from '../../store/store.ts';
import type { Around, Fx, PluginCall } from '../wrap-plugin.ts';

export interface Refusal {
  /** `batch visits s12: fx.emit`. */
  readonly where: string;
  readonly reason: string;
}

export interface Noting {
  readonly refusals: readonly Refusal[];
  readonly around: Around;
  readonly wrapStore: (store: Store) => Store;
}

export function noteRefusals(plugin: string): Noting {
  const refusals: Refusal[] = [];
  const note = (where: string, error: unknown) => {
    if (error instanceof HeldarError) refusals.push({ where, reason: error.message });
  };
  return {
    refusals,
    wrapStore: (store) => ({
      ...store,
      async commit(unit, attachment) {
        try {
          const result = await store.commit(unit, attachment);
          const reason = (result as { readonly error?: string }).error;
          // So begins the text of the judge of statements; SQLite's own do not name a plugin.
          if (reason?.startsWith(`${plugin}: `) === true) refusals.push({ where: 'fx.write', reason });
          return result;
        } catch (error) {
          if (unit.kind === 'change' && unit.plugin === plugin) note('tx.write', error);
          throw error;
        }
      },
    }),
    around: {
      effects: (call, fx) =>
        watchMembers(fx, (member, error) => note(`${nameOf(call)}: fx.${member}`, error)),
      context: (context) => watchMembers(context, (member, error) => note(`ctx.${member}`, error)),
    },
  };
}

function nameOf({ kind, name, cause }: PluginCall): string {
  return `${kind} ${name} ${cause}`.trim();
}

/** The same object; what its members throw, at reading or at calling, is told. */
function watchMembers<Watched extends Fx | object>(
  watched: Watched,
  onThrown: (member: string, error: unknown) => void,
): Watched {
  return new Proxy(watched, {
    get(target, member) {
      const told = <Result>(run: () => Result): Result => {
        try {
          const result = run();
          if (result instanceof Promise) result.catch((error: unknown) => onThrown(String(member), error));
          return result;
        } catch (error) {
          onThrown(String(member), error);
          throw error;
        }
      };
      const value: unknown = told(() => Reflect.get(target, member, target));
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => told(() => Reflect.apply(value, target, args) as unknown);
    },
  });
}
