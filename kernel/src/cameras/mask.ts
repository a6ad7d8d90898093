/** How a text loses its credentials before it leaves the process: the user info of every URL, and the known values themselves. */
import { percentEncoded, type StreamSource } from './stream-url.ts';

/** A password and, where it is known, who uses it. */
export interface KnownCredential {
  readonly username: string | null;
  readonly password: string;
}

/** Greedy up to the last `@`: a raw `/` or `@` in a password is covered, at the price of masking more than needed. */
const userInfo = /([a-z][a-z0-9+.-]*:\/\/)[^\s'"<>]*@/gi;
const secretParameter =
  /([?&;](?:user|username|usr|login|pwd|pass|passwd|password|token|auth|key|apikey|secret)=)[^&;\s'"<>]*/gi;
/** Shorter values would garble ordinary words; as part of `user:password` they are masked all the same. */
const shortestValue = 4;

/** Masks every URL in the text, and every appearance of the known credentials, as they are and percent-encoded. */
export function maskText(text: string, known: readonly KnownCredential[] = []): string {
  let masked = text.replaceAll(userInfo, '$1***@').replaceAll(secretParameter, '$1***');
  for (const { username, password } of known) {
    if (password === '') continue;
    const forms = new Set([password, percentEncoded(password)]);
    for (const form of forms) {
      if (username !== null && username !== '')
        for (const user of new Set([username, percentEncoded(username)]))
          masked = masked.replaceAll(`${user}:${form}`, '***');
      if (form.length >= shortestValue) masked = masked.replaceAll(form, '***');
    }
  }
  return masked;
}

/** The credentials a camera's messages could show: its own, and those in its explicit URLs. */
export function knownCredentials(
  source: Pick<StreamSource, 'username' | 'password' | 'mainStreamUrl' | 'subStreamUrl'> & {
    readonly anrReplayUrlTemplate?: string | null;
  },
): KnownCredential[] {
  const known: KnownCredential[] = [];
  if (source.password !== null && source.password !== '')
    known.push({ username: source.username, password: source.password });
  for (const url of [source.mainStreamUrl, source.subStreamUrl, source.anrReplayUrlTemplate ?? null])
    if (url !== null) known.push(...credentialsInUrl(url));
  return known;
}

function credentialsInUrl(url: string): KnownCredential[] {
  const found: KnownCredential[] = [];
  const authority = /^[^:]+:\/\/(?:([^:@/]*)(?::(.*))?@)/.exec(url.trim());
  const [, username = '', password] = authority ?? [];
  if (password !== undefined && password !== '')
    found.push({ username, password }, { username: decoded(username), password: decoded(password) });
  for (const match of url.matchAll(secretParameter)) {
    const value = match[0].slice((match[1] ?? '').length);
    if (value.length >= shortestValue) found.push({ username: null, password: value });
  }
  return found;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
