import { describe, expect, it } from 'vitest';
import { isHost, problemWithStreamUrl } from './address-check.ts';

describe('problemWithStreamUrl', () => {
  it.each([
    'rtsp://cam/live',
    'RTSP://user:p%40ss@10.0.0.5:554/x?a=1',
    'rtsps://[2001:db8::1]:322/x',
    'http://cam:8080/video.mjpg',
    'https://cam/',
  ])('accepts %s', (url) => {
    expect(problemWithStreamUrl(url)).toBeNull();
  });

  it.each([
    '',
    'cam/live',
    'rtsp:cam',
    'rtsp://',
    'file:///etc/passwd',
    'rtsp://cam/a b',
    'rtsp://cam/a\nfile x',
    'rtsp://cam/\u0000',
    'rtsp://cam:99999/x',
    'concat:rtsp://cam',
  ])('refuses %j', (url) => {
    expect(problemWithStreamUrl(url)).not.toBeNull();
  });
});

describe('isHost', () => {
  it.each(['cam', 'cam-1.example.org', '10.0.0.5', '2001:db8::7', 'fe80::1%eth0', 'kamera-süd'])(
    'accepts %s',
    (text) => {
      expect(isHost(text)).toBe(true);
    },
  );

  it.each([
    '',
    'a b',
    'cam:554',
    'user@cam',
    'cam/x',
    'rtsp://cam',
    '[::1]',
    'cam?x',
    'cam#x',
    '-cam',
    'cam\\x',
  ])('refuses %j', (text) => {
    expect(isHost(text)).toBe(false);
  });
});
