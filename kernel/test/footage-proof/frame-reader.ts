/** Which picture did a client that has nothing to do with the recorder get last? H.264 over TCP, as RFC 6184 has it. */
import { readRtp, RtspClient } from '../rtsp-client.ts';
import { fingerprintOf } from './frame-table.ts';

export interface FrameReader extends Disposable {
  /** The fingerprint of the last whole picture; null before the first. */
  readonly last: string | null;
}

const fragmentType = 28;
const startBit = 0x80;

export async function readFrames(url: string): Promise<FrameReader> {
  const client = await RtspClient.connect(url);
  const transport = { Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1' };
  const { headers } = await client.request('SETUP', `${url}/trackID=1`, transport);
  const session = headers.get('session')?.split(';')[0] ?? '';
  let last: string | null = null;
  let body: Buffer[] = [];
  client.socket.on('data', () => {
    for (const { channel, data } of client.packets.splice(0)) {
      if (channel !== 0) continue;
      const { payload, marker } = readRtp(data);
      const isFragment = ((payload[0] ?? 0) & 0x1f) === fragmentType;
      const isFirst = !isFragment || ((payload[1] ?? 0) & startBit) !== 0;
      const piece = payload.subarray(isFragment ? 2 : 1);
      if (isFirst) body = [];
      body.push(piece);
      if (marker) last = fingerprintOf(Buffer.concat(body));
    }
  });
  await client.request('PLAY', url, { Session: session });
  const keepAlive = setInterval(() => {
    client.answers.length = 0;
    client.send(`GET_PARAMETER ${url} RTSP/1.0\nCSeq: 99\nSession: ${session}\n\n`);
  }, 20_000);
  return {
    get last() {
      return last;
    },
    [Symbol.dispose]() {
      clearInterval(keepAlive);
      client.close();
    },
  };
}
