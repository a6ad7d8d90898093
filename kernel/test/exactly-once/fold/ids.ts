/**
 * Which id does the n-th thing of a call get? The rule, told a second time:
 *
 * 32 hex digits: 12 of log time in ms, then the first 20 of the sha256 of these, joined by NUL: store id, plugin, consumer, lane,
 * cause, `id` or `event`, n. Cause: `s` and the sequence of the record, or `t` and the T of the tick. n counts ids and events of
 * the call together, from 0. An id is `<prefix>_` and the digits. An event's id is the digits as 8-4-4-4-12, the 13th digit 4, and of
 * the 17th only the lower two bits, plus 8.
 */
import { createHash } from 'node:crypto';

export interface CallIds {
  id(prefix: string): string;
  event(): string;
}

export interface Call {
  readonly storeId: string;
  readonly plugin: string;
  readonly consumer: string;
  readonly lane: number;
  readonly cause: { readonly seq: number } | { readonly tick: number };
  /** Log time of the record, or T. */
  readonly now: number;
}

export function idsOfCall({ storeId, plugin, consumer, lane, cause, now }: Call): CallIds {
  const causeText = 'seq' in cause ? `s${cause.seq}` : `t${cause.tick}`;
  let n = 0;
  const digits = (kind: 'id' | 'event') => {
    const text = [storeId, plugin, consumer, `${lane}`, causeText, kind, `${n}`].join('\u0000');
    n += 1;
    const time = `000000000000${now.toString(16)}`.slice(-12);
    return time + createHash('sha256').update(text, 'utf8').digest('hex').substring(0, 20);
  };
  return {
    id: (prefix) => `${prefix}_${digits('id')}`,
    event() {
      const all = digits('event');
      const variant = '89ab'[parseInt(all[16] ?? '0', 16) % 4] ?? '';
      const parts = [all.slice(0, 8), all.slice(8, 12), `4${all.slice(13, 16)}`];
      return [...parts, variant + all.slice(17, 20), all.slice(20)].join('-');
    },
  };
}
