import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentEncoded, recordUrl, sampledUrl, streamUrl, type StreamSource } from './stream-url.ts';

const hikvision: StreamSource = {
  vendor: 'hikvision',
  address: ' 10.0.0.5 ',
  rtspPort: 554,
  username: 'admin',
  password: 'p@ss/w:rd',
  mainStreamUrl: null,
  subStreamUrl: null,
  recordStream: 'main',
};

describe('streamUrl', () => {
  it('takes the explicit URL of the stream first, as it is', () => {
    const source = { ...hikvision, subStreamUrl: ' rtsp://cam/low ' };
    expect(streamUrl(source, 'sub')).toBe('rtsp://cam/low');
    expect(streamUrl(source, 'main')).toContain('/Streaming/Channels/101');
  });

  it('fills the templates of known vendors, credentials percent-encoded', () => {
    expect(streamUrl(hikvision, 'main')).toBe(
      'rtsp://admin:p%40ss%2Fw%3Ard@10.0.0.5:554/Streaming/Channels/101',
    );
    expect(streamUrl({ ...hikvision, vendor: 'dahua', rtspPort: 8554 }, 'sub')).toBe(
      'rtsp://admin:p%40ss%2Fw%3Ard@10.0.0.5:8554/cam/realmonitor?channel=1&subtype=1',
    );
  });

  it('knows no URL without an address, and none for vendors without a template', () => {
    expect(streamUrl({ ...hikvision, address: '  ' }, 'main')).toBeNull();
    for (const vendor of ['generic', 'onvif', 'Hikvision', 'toString', '__proto__'])
      expect(streamUrl({ ...hikvision, vendor }, 'main')).toBeNull();
  });

  it('writes only the credentials there are', () => {
    const host = '10.0.0.5:554/Streaming/Channels/101';
    expect(streamUrl({ ...hikvision, username: null }, 'main')).toBe(`rtsp://${host}`);
    expect(streamUrl({ ...hikvision, username: '' }, 'main')).toBe(`rtsp://${host}`);
    expect(streamUrl({ ...hikvision, password: null }, 'main')).toBe(`rtsp://admin@${host}`);
    expect(streamUrl({ ...hikvision, password: '' }, 'main')).toBe(`rtsp://admin:@${host}`);
  });

  it('brackets IPv6 addresses', () => {
    const source = { ...hikvision, address: '2001:db8::7', username: null };
    expect(streamUrl(source, 'main')).toBe('rtsp://[2001:db8::7]:554/Streaming/Channels/101');
  });
});

it('records the chosen stream, and samples the profile asked for or else the recorded stream', () => {
  const source = { ...hikvision, vendor: 'generic', mainStreamUrl: 'rtsp://cam/high' };
  expect(recordUrl(source)).toBe('rtsp://cam/high');
  expect(sampledUrl(source, 'sub')).toBe('rtsp://cam/high');
  expect(sampledUrl({ ...source, subStreamUrl: 'rtsp://cam/low' }, 'sub')).toBe('rtsp://cam/low');
});

it('percent-encodes all but unreserved characters, so that decoding gives the text back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const encoded = percentEncoded(text);
      expect(encoded).toMatch(/^(?:[A-Za-z0-9\-._~]|%[0-9A-F]{2})*$/);
      expect(decodeURIComponent(encoded)).toBe(text);
    }),
  );
});
