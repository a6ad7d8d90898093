/** Can this text be the URL of a stream, or the address of a camera? */
import { isIPv6 } from 'node:net';

const streamSchemes = new Set(['rtsp:', 'rtsps:', 'http:', 'https:']);

/** What is wrong with an explicit stream URL, or null. */
export function problemWithStreamUrl(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed === '') return 'must not be blank';
  if (/\s/.test(trimmed) || hasControlCharacters(trimmed))
    return 'must not hold blanks or control characters; percent-encode them';
  const url = URL.parse(trimmed);
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed))
    return 'must begin with rtsp://, rtsps://, http:// or https://';
  if (url === null)
    return 'is not a URL; percent-encode special characters (such as @ or /) in user name and password';
  if (!streamSchemes.has(url.protocol)) return 'must have the scheme rtsp, rtsps, http or https';
  if (url.hostname === '') return 'must name a host';
  return null;
}

/** The same for the template of a replay URL, with times in its place holders; a blank one is none. */
export function problemWithReplayTemplate(text: string): string | null {
  if (text.trim() === '') return null;
  return problemWithStreamUrl(text.replaceAll(/\{(?:start|end)\}/g, '20260131T120000Z'));
}

export function hasControlCharacters(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return /[\u0000-\u001f\u007f-\u009f]/.test(text);
}

/** A name or an IP address, and nothing else. */
export function isHost(text: string): boolean {
  return isIPv6(text) || /^[\p{L}\p{N}](?:[\p{L}\p{N}._-]*[\p{L}\p{N}])?$/u.test(text);
}
