/** A site that demands sign-in, and how its first administrator gets in. */
import type { KernelRig } from './kernel-rig.ts';

const username = 'ada';
const password = 'correct horse';

/** Variables of the site. */
export const signInEnv = {
  HELDAR_AUTH_ENABLED: 'true',
  HELDAR_BOOTSTRAP_ADMIN_USER: username,
  HELDAR_BOOTSTRAP_ADMIN_PASSWORD: password,
};

/** The token of a new session; default: of the administrator. */
export async function tokenOf(
  rig: Pick<KernelRig, 'call'>,
  who: { username: string; password: string } = { username, password },
): Promise<string> {
  const { body } = await rig.call('POST', '/api/v1/auth/login', who);
  return (body as { token: string }).token;
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}
