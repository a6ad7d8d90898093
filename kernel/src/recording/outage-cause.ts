/** Why did a recorder stop recording, in the words that gaps are explained with? */
import type { OutageCause } from '../store/outages.ts';
import type { RunEnd } from './recorder.ts';

/** The camera, or what stands before it, answers and declines: RTSP and HTTP statuses from 400 on, or a closed port. */
const declined =
  /refused|unauthorized|forbidden|not found|method .* failed: [45]\d\d|server returned [45]|camera answers [45]/i;
const diskFault =
  /no space left|read-only file system|input\/output error|disk quota|ENOSPC|EROFS|EIO|EDQUOT|ENOENT|ENOTDIR|EACCES/i;

export function outageCause({ reason, detail }: Pick<RunEnd, 'reason' | 'detail'>): OutageCause {
  switch (reason) {
    case 'stopped':
    case 'changed':
      return 'restart';
    case 'unreachable':
    case 'ended':
      return declined.test(detail) ? 'refused' : 'camera_offline';
    case 'stalled':
    case 'no-output':
      return 'stalled';
    case 'time-jump':
    case 'not-closing':
      return 'clock';
    case 'failed':
      return diskFault.test(detail) ? 'disk' : 'recorder';
  }
}
