/** How ffmpeg is told which stream to open without the URL, and so the password, standing in its arguments. */
import { HeldarError } from '../errors.ts';

export interface SourceInput {
  /** Arguments up to and including `-i`. */
  readonly args: readonly string[];
  /** Goes to standard input: an ffconcat script that names the stream and its options. */
  readonly script: string;
}

export interface SourceOptions {
  /** Sockets silent for longer end the input, ms. */
  readonly socketTimeoutMs: number;
  /** Let `file:` URLs through; for tests. */
  readonly allowFiles?: boolean;
}

interface SchemeOptions {
  /** Protocols the stream may open, besides `pipe`; everything else (files above all) is refused by ffmpeg. */
  readonly protocols: string;
  readonly options: (timeoutUs: number) => readonly string[];
}

/** TCP loses nothing; a camera that refuses it (461) is asked for UDP. */
const rtspOptions = (timeoutUs: number) => [
  'rtsp_transport tcp+udp',
  'rtsp_flags prefer_tcp',
  `timeout ${timeoutUs}`,
];
const httpOptions = (timeoutUs: number) => [`rw_timeout ${timeoutUs}`];
const schemes: Readonly<Record<string, SchemeOptions>> = {
  rtsp: { protocols: 'rtsp,tcp,udp,rtp', options: rtspOptions },
  rtsps: { protocols: 'rtsps,rtsp,tls,tcp', options: rtspOptions },
  http: { protocols: 'http,tcp', options: httpOptions },
  https: { protocols: 'https,http,tls,tcp', options: httpOptions },
};
const fileOptions: SchemeOptions = { protocols: 'file', options: () => [] };

/** How long ffmpeg may look at a stream before it says what is in it, µs. */
const analyzeUs = 1_000_000;

/** @throws HeldarError `bad_request` for a scheme that is not supported, or characters that would break the script. */
export function describeSource(url: string, options: SourceOptions): SourceInput {
  const scheme = (/^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1] ?? '').toLowerCase();
  const isFile = scheme === 'file' && options.allowFiles === true;
  const known = isFile ? fileOptions : Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined;
  if (known === undefined)
    throw new HeldarError('bad_request', 'the stream URL must have the scheme rtsp, rtsps, http or https');
  // oxlint-disable-next-line no-control-regex -- they are what is refused
  if (/[\u0000-\u001f\u007f]/.test(url))
    throw new HeldarError('bad_request', 'the stream URL holds control characters');
  const lines = [
    'ffconcat version 1.0',
    `file ${quoted(url)}`,
    `option analyzeduration ${analyzeUs}`,
    // Nobody here needs the frame rate, and counting it would hold back the first picture for a second.
    'option fpsprobesize 0',
    ...known.options(options.socketTimeoutMs * 1000).map((option) => `option ${option}`),
  ];
  const pacing = isFile ? ['-re'] : [];
  return {
    args: [
      ...pacing,
      // Of the script too: it would wait longer for a track that is announced and never comes.
      '-analyzeduration',
      String(analyzeUs),
      '-f',
      'concat',
      '-safe',
      '0',
      '-protocol_whitelist',
      `pipe,${known.protocols}`,
      '-i',
      'pipe:0',
    ],
    script: `${lines.join('\n')}\n`,
  };
}

/** FFmpeg's quoting: everything between apostrophes is literal, an apostrophe itself stands outside, escaped. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
