import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { decodeJpeg } from './decode.ts';

function solid(color: string, size: string): Buffer {
  const argv = ['-v', 'error', '-f', 'lavfi', '-i', `color=${color}:s=${size}`, '-frames:v', '1'];
  return execFileSync('ffmpeg', [...argv, '-c:v', 'mjpeg', '-q:v', '2', '-f', 'image2pipe', 'pipe:1']);
}

describe('a JPEG', () => {
  it('becomes red, green and blue bytes row by row', () => {
    const { width, height, rgb } = decodeJpeg(solid('red', '64x48'));
    expect([width, height, rgb.length]).toEqual([64, 48, 64 * 48 * 3]);
    const [red = 0, green = 0, blue = 0] = rgb;
    expect(red).toBeGreaterThan(240);
    expect(Math.max(green, blue)).toBeLessThan(15);
  });

  it('that is none is refused', () => {
    expect(() => decodeJpeg(Buffer.from('no picture'))).toThrow('SOI');
  });

  it('of too many pixels is refused', () => {
    expect(() => decodeJpeg(solid('black', '4096x2304'))).toThrow('maxResolutionInMP');
  });
});
