import { describe, expect, it } from 'vitest';
import { describeSource } from './source.ts';

const socketTimeoutMs = 4000;
const whitelistOf = (args: readonly string[]) => args[args.indexOf('-protocol_whitelist') + 1];

describe('describeSource', () => {
  it('puts the URL into the script, and not into the arguments', () => {
    const { args, script } = describeSource('rtsp://admin:secret@cam/live', { socketTimeoutMs });
    expect(args.join(' ')).not.toContain('secret');
    expect(args.at(-1)).toBe('pipe:0');
    expect(script.split('\n')).toContain("file 'rtsp://admin:secret@cam/live'");
  });

  it('chooses options and protocols by scheme, and lets no scheme open files', () => {
    const rtsp = describeSource('rtsp://cam/', { socketTimeoutMs });
    expect(rtsp.script).toContain(
      'option rtsp_transport tcp+udp\noption rtsp_flags prefer_tcp\noption timeout 4000000\n',
    );
    expect(whitelistOf(rtsp.args)).toBe('pipe,rtsp,tcp,udp,rtp');
    const https = describeSource('HTTPS://cam/', { socketTimeoutMs });
    expect(https.script).toContain('option rw_timeout 4000000');
    expect(https.script).not.toContain('rtsp_transport');
    for (const url of ['rtsp://c/', 'rtsps://c/', 'http://c/', 'https://c/'])
      expect(whitelistOf(describeSource(url, { socketTimeoutMs }).args)?.split(',')).not.toContain('file');
  });

  it('opens files only where tests ask for it', () => {
    expect(() => describeSource('file:///etc/passwd', { socketTimeoutMs })).toThrow(/scheme/);
    expect(whitelistOf(describeSource('file:/a.mp4', { socketTimeoutMs, allowFiles: true }).args)).toBe(
      'pipe,file',
    );
  });

  it('keeps a URL one word of the script, whatever it holds', () => {
    const { script } = describeSource("http://cam/it's#\\'", { socketTimeoutMs });
    expect(script).toContain(String.raw`file 'http://cam/it'\''s#\'\'''`);
    expect(() => describeSource("rtsp://cam/\nfile 'x", { socketTimeoutMs })).toThrow(/control characters/);
  });
});
