/** What can go wrong with a camera, and how is it written? `<what>[=<value>][@<seconds>]` */
import { HeldarError } from '../errors.ts';
import { isRtspStatus, type RtspStatus } from './rtsp-message.ts';

export type Fault =
  /** Connections and sessions end without a goodbye. */
  | { readonly kind: 'drop' }
  /** Connections stay, no packet comes. */
  | { readonly kind: 'freeze' }
  /** Whoever connects or asks waits, and no packet comes. */
  | { readonly kind: 'hang' }
  /** New connections are refused; those that are open stay. */
  | { readonly kind: 'refuse' }
  /** The plug is pulled: `drop` and `refuse`. */
  | { readonly kind: 'off' }
  /** Each request is answered with this status. */
  | { readonly kind: 'error'; readonly status: RtspStatus }
  /** Time stamps go on this much later, or earlier. */
  | { readonly kind: 'jump'; readonly seconds: number }
  /** Another video: clients of the same codec get it midway, others are dropped. */
  | { readonly kind: 'file'; readonly path: string }
  /** The sound ends, the picture goes on. */
  | { readonly kind: 'mute' }
  /** The end of all that lasts: the camera accepts, answers and sends again. */
  | { readonly kind: 'recover' };

export interface PlannedFault {
  readonly fault: Fault;
  /** After the camera's start. */
  readonly afterSeconds: number;
}

export const faultHelp =
  'drop, freeze, hang, refuse, off, error=<RTSP status>, jump=<seconds>, file=<MP4 file>, mute, recover';

/** @throws HeldarError `usage` for what is no fault. */
export function parsePlannedFault(text: string): PlannedFault {
  const [, what = text, seconds = '0'] = /^(.*?)(?:@(\d+(?:\.\d+)?))?$/.exec(text) ?? [];
  return { fault: parseFault(what), afterSeconds: Number(seconds) };
}

/** @throws HeldarError `usage` for what is no fault. */
export function parseFault(text: string): Fault {
  const [, kind = '', value = ''] = /^([a-z]+)(?:=(.+))?$/.exec(text.trim()) ?? [];
  switch (kind) {
    case 'drop':
    case 'freeze':
    case 'hang':
    case 'refuse':
    case 'off':
    case 'mute':
    case 'recover':
      if (value === '') return { kind };
      break;
    case 'error': {
      const status = value === '' ? 503 : Number(value);
      if (isRtspStatus(status) && status !== 200) return { kind, status };
      break;
    }
    case 'jump': {
      const seconds = Number(value);
      if (value !== '' && Number.isFinite(seconds)) return { kind, seconds };
      break;
    }
    case 'file':
      if (value !== '') return { kind, path: value };
  }
  throw new HeldarError('usage', `'${text}' is no fault of a camera. Choose one of: ${faultHelp}.`);
}
