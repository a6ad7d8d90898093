import { expect, it } from 'vitest';
import { outageCause } from './outage-cause.ts';

it.each([
  ['unreachable', 'method DESCRIBE failed: 401 Unauthorized', 'refused'],
  ['unreachable', 'tcp://10.0.0.9:554: Connection refused', 'refused'],
  ['unreachable', 'the camera answers 503 Service Unavailable', 'refused'],
  ['unreachable', 'connect ECONNREFUSED 10.0.0.9:554', 'refused'],
  ['unreachable', 'connect EHOSTUNREACH 10.0.0.9:554', 'camera_offline'],
  ['unreachable', 'Connection timed out', 'camera_offline'],
  ['ended', 'ffmpeg ended with code 0', 'camera_offline'],
  ['no-output', 'no output within 20 s', 'stalled'],
  ['stalled', 'the stream stood still for 4 s', 'stalled'],
  ['time-jump', 'the time stamps of the stream jumped', 'clock'],
  ['failed', 'av_interleaved_write_frame(): No space left on device', 'disk'],
  ['failed', "ENOENT: no such file or directory, mkdir '/mnt/b'", 'disk'],
  ['failed', 'spawn ffmpeg EAGAIN', 'recorder'],
  ['stopped', '', 'restart'],
] as const)('a run that is %s (%s) leaves an outage with cause %s', (reason, detail, cause) => {
  expect(outageCause({ reason, detail })).toBe(cause);
});
