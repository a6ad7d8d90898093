/** Which URL opens a stream of a camera: its explicit one, else what the vendor's template makes of address and credentials. */
import { isIPv6 } from 'node:net';

export type StreamProfile = 'main' | 'sub';

/** What a stream URL is made of. */
export interface StreamSource {
  readonly vendor: string;
  readonly address: string | null;
  readonly rtspPort: number;
  readonly username: string | null;
  readonly password: string | null;
  readonly mainStreamUrl: string | null;
  readonly subStreamUrl: string | null;
  readonly recordStream: StreamProfile;
}

const templates: Readonly<Record<string, Readonly<Record<StreamProfile, string>>>> = {
  hikvision: { main: '/Streaming/Channels/101', sub: '/Streaming/Channels/102' },
  dahua: {
    main: '/cam/realmonitor?channel=1&subtype=0',
    sub: '/cam/realmonitor?channel=1&subtype=1',
  },
};

/** The URL of that stream with its credentials, or null when none can be derived. */
export function streamUrl(source: StreamSource, profile: StreamProfile): string | null {
  const explicit = (profile === 'main' ? source.mainStreamUrl : source.subStreamUrl)?.trim() ?? '';
  if (explicit !== '') return explicit;
  const path = Object.hasOwn(templates, source.vendor) ? templates[source.vendor]?.[profile] : undefined;
  const address = source.address?.trim() ?? '';
  if (path === undefined || address === '') return null;
  return `rtsp://${credentials(source)}${bracketed(address)}:${source.rtspPort}${path}`;
}

/** What is recorded and tested. */
export function recordUrl(source: StreamSource): string | null {
  return streamUrl(source, source.recordStream);
}

/** What a sampler of that profile decodes: its stream, else the recorded one. */
export function sampledUrl(source: StreamSource, profile: StreamProfile): string | null {
  return streamUrl(source, profile) ?? recordUrl(source);
}

function credentials({ username, password }: StreamSource): string {
  if (username === null || username === '') return '';
  const user = percentEncoded(username);
  return password === null ? `${user}@` : `${user}:${percentEncoded(password)}@`;
}

/** Every byte of the UTF-8 text but the unreserved characters of RFC 3986. */
export function percentEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function bracketed(address: string): string {
  return isIPv6(address) ? `[${address}]` : address;
}
