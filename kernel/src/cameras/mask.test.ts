import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { knownCredentials, maskText } from './mask.ts';
import { percentEncoded } from './stream-url.ts';

describe('maskText', () => {
  it('masks every URL, not only the first', () => {
    expect(maskText('tcp://10.0.0.5:554 failed\nrtsp://admin:secret@10.0.0.5/x, http://u@h/')).toBe(
      'tcp://10.0.0.5:554 failed\nrtsp://***@10.0.0.5/x, http://***@h/',
    );
  });

  it('masks a password that holds raw slashes and at signs', () => {
    expect(maskText("Impossible to open 'rtsp://admin:a/b@c@host/live'")).toBe(
      "Impossible to open 'rtsp://***@host/live'",
    );
  });

  it('masks credentials in query strings', () => {
    expect(maskText('http://cam/video?user=admin&pwd=secret&channel=1')).toBe(
      'http://cam/video?user=***&pwd=***&channel=1',
    );
  });

  it('masks known pairs and passwords where no URL stands', () => {
    const known = [{ username: 'admin', password: 'p@ss/w:rd' }];
    expect(maskText('tried admin:p@ss/w:rd, then p%40ss%2Fw%3Ard', known)).toBe('tried ***, then ***');
  });

  it('masks short passwords only together with their user', () => {
    const known = [{ username: 'admin', password: '1' }];
    expect(maskText('1 error: admin:1 refused', known)).toBe('1 error: *** refused');
  });

  it('leaves texts without credentials alone', () => {
    const text = 'Connection to tcp://10.0.0.5:554?timeout=4000000 failed: mail a@b.c';
    expect(maskText(text)).toBe(text);
  });

  it('never lets a known password through, in whatever URL it stands', () => {
    const password = fc
      .string({ minLength: 6, maxLength: 20 })
      .filter((text) => !/\s/.test(text) && !/^\*+$/.test(text) && new Set(text).size > 3);
    fc.assert(
      fc.property(password, fc.webUrl(), (secret, url) => {
        const { host, pathname } = new URL(url);
        // The host and the path are shown; a password that is part of them by chance proves nothing.
        fc.pre(!`${host}${pathname}`.includes(secret) && !'open failed rtsp user'.includes(secret));
        const known = [{ username: 'user', password: secret }];
        for (const shown of [secret, percentEncoded(secret)]) {
          const masked = maskText(`open rtsp://user:${shown}@${host}${pathname} failed, ${shown}`, known);
          expect(masked).not.toContain(secret);
        }
      }),
    );
  });
});

it('knows the credentials of explicit URLs, as they are and decoded', () => {
  const known = knownCredentials({
    username: 'admin',
    password: 'first',
    mainStreamUrl: 'rtsp://root:se%63ond@cam/high',
    subStreamUrl: 'http://cam/low?token=fourth-value',
    anrReplayUrlTemplate: 'rtsp://root:third@cam/{start}',
  });
  const passwords = known.map(({ password }) => password);
  expect(passwords).toEqual(expect.arrayContaining(['first', 'se%63ond', 'second', 'third', 'fourth-value']));
});
