import { execa } from 'execa';
import { expect, test } from 'vitest';
import { readAdts } from './adts.ts';

test('the frames of a stream of AAC are found, with what a decoder has to know', async () => {
  const tone = ['-f', 'lavfi', '-i', 'sine=sample_rate=16000:duration=1', '-ac', '1', '-c:a', 'aac'];
  const { stdout } = await execa('ffmpeg', ['-nostdin', '-v', 'error', ...tone, '-f', 'adts', 'pipe:1'], {
    encoding: 'buffer',
  });
  const { config, frames } = readAdts(Buffer.from(stdout));
  // Low complexity (2), 16 kHz (index 8), one channel.
  expect(config.toString('hex')).toBe('1408');
  expect(frames.length).toBeGreaterThanOrEqual(16);
  expect(frames.reduce((sum, { sizeBytes }) => sum + sizeBytes + 7, 0)).toBe(stdout.length);
});

test('what is no ADTS is refused', () => {
  expect(() => readAdts(Buffer.alloc(100))).toThrow('no ADTS header at byte 0');
});
