/** How is one access unit cut into RTP payloads? (RFC 6184 for H.264, RFC 7798 for H.265, RFC 3551 and 3640 for sound.) */
import type { AudioCodec } from './media-track.ts';
import { nalHeaderBytes, type VideoCodec } from './nal.ts';

const fragmentTypeH264 = 28;
const fragmentTypeH265 = 49;
const firstFragment = 0x80;
const lastFragment = 0x40;

/** The payloads in sending order, none longer than `maxPayloadBytes`; the last one takes the marker bit. */
export function packetizeAccessUnit(
  codec: VideoCodec,
  nalUnits: readonly Buffer[],
  maxPayloadBytes: number,
): Buffer[] {
  return nalUnits.flatMap((nalUnit) =>
    nalUnit.length <= maxPayloadBytes ? [nalUnit] : fragment(codec, nalUnit, maxPayloadBytes),
  );
}

/** The one payload of a packet of sound; AAC has the length of the list of headers, in bits, and one header in front. */
export function packetizeSound(codec: AudioCodec, frame: Buffer): Buffer {
  if (codec === 'g711') return frame;
  const headers = Buffer.alloc(4);
  headers.writeUInt16BE(16, 0);
  headers.writeUInt16BE(frame.length << 3, 2);
  return Buffer.concat([headers, frame]);
}

function fragment(codec: VideoCodec, nalUnit: Buffer, maxPayloadBytes: number): Buffer[] {
  const header = codec === 'h264' ? fragmentHeaderH264(nalUnit) : fragmentHeaderH265(nalUnit);
  const body = nalUnit.subarray(nalHeaderBytes[codec]);
  const bodyBytes = maxPayloadBytes - header.length;
  const payloads: Buffer[] = [];
  for (let position = 0; position < body.length; position += bodyBytes) {
    const payload = Buffer.concat([header, body.subarray(position, position + bodyBytes)]);
    const edges =
      (position === 0 ? firstFragment : 0) | (position + bodyBytes >= body.length ? lastFragment : 0);
    const edgeByte = header.length - 1;
    payload.writeUInt8(payload.readUInt8(edgeByte) | edges, edgeByte);
    payloads.push(payload);
  }
  return payloads;
}

/** FU indicator (importance bits of the unit, type 28) and FU header (type of the unit). */
function fragmentHeaderH264(nalUnit: Buffer): Buffer {
  const header = nalUnit.readUInt8(0);
  return Buffer.from([(header & 0xe0) | fragmentTypeH264, header & 0x1f]);
}

/** Payload header (layer and temporal id of the unit, type 49) and FU header (type of the unit). */
function fragmentHeaderH265(nalUnit: Buffer): Buffer {
  const header = nalUnit.readUInt8(0);
  return Buffer.from([(header & 0x81) | (fragmentTypeH265 << 1), nalUnit.readUInt8(1), (header >> 1) & 0x3f]);
}
