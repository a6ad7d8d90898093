/** The cookie that carries a session. */
import { sessionCookie } from '../auth/credential.ts';

/** Empty `token`: ends it. */
export function sessionCookieText(
  token: string,
  {
    sessionHours,
    cookieSecure,
    isSecure,
  }: { readonly sessionHours: number; readonly cookieSecure: boolean; readonly isSecure: boolean },
): string {
  const seconds = token === '' ? 0 : sessionHours * 3600;
  const secure = cookieSecure || isSecure ? '; Secure' : '';
  return `${sessionCookie}=${token}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${seconds}${secure}`;
}
