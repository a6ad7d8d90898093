/** Which variables does a plugin outside of the kernel's thread see? Never the kernel's own, which may hold secrets. */

type Variables = Readonly<Record<string, string | undefined>>;

/** What a program needs to find its way around, and nothing that somebody gave the kernel. */
const bare: ReadonlySet<string> = new Set([
  'PATH',
  'HOME',
  'USER',
  'TMPDIR',
  'TEMP',
  'TMP',
  'TZ',
  'LANG',
  'LANGUAGE',
  'NODE_ENV',
  'NODE_EXTRA_CA_CERTS',
  'NODE_USE_ENV_PROXY',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'SYSTEMROOT',
  'WINDIR',
]);

/** Of a process of its own. */
export function bareEnvironment(variables: Variables): Record<string, string> {
  return pick(variables, (name) => bare.has(name) || name.startsWith('LC_'));
}

/** Of a thread, which lives in the kernel's process and trusts it. */
export function withoutOwnVariables(variables: Variables): Record<string, string> {
  return pick(variables, (name) => !name.startsWith('HELDAR_'));
}

function pick(variables: Variables, wanted: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value !== undefined && wanted(name.toUpperCase()) ? [[name, value] as const] : [],
    ),
  );
}

/** Of the flags this process was started with, those that say how packages are resolved. */
export function conditionFlags(flags: readonly string[]): string[] {
  return flags.flatMap((flag, index) => {
    if (flag.startsWith('--conditions=')) return [flag];
    return flag === '--conditions' || flag === '-C' ? [flag, flags[index + 1] ?? ''] : [];
  });
}
