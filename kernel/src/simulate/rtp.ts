/** What do the bytes of RTP packets and RTCP reports look like? (RFC 3550) */

export interface RtpHeader {
  readonly marker: boolean;
  readonly payloadType: number;
  /** 16 bits. */
  readonly sequence: number;
  /** 32 bits, in units of the payload's clock. */
  readonly timestamp: number;
  readonly ssrc: number;
}

export interface SenderState {
  readonly ssrc: number;
  readonly cname: string;
  /** Wall clock, ms since the epoch, of the instant `timestamp` belongs to. */
  readonly wallMs: number;
  readonly timestamp: number;
  readonly packetCount: number;
  readonly payloadBytes: number;
}

export const rtpHeaderBytes = 12;

const version = 0x80;
const senderReportType = 200;
const sourceDescriptionType = 202;
const goodbyeType = 203;
const cnameItem = 1;
/** Seconds from 1900, where NTP begins, to 1970. */
const ntpOffsetSeconds = 2_208_988_800;

export function rtpHeader(header: RtpHeader): Buffer {
  const bytes = Buffer.allocUnsafe(rtpHeaderBytes);
  bytes.writeUInt8(version, 0);
  bytes.writeUInt8((header.marker ? 0x80 : 0) | header.payloadType, 1);
  bytes.writeUInt16BE(header.sequence, 2);
  bytes.writeUInt32BE(header.timestamp, 4);
  bytes.writeUInt32BE(header.ssrc, 8);
  return bytes;
}

/** A sender report with the source's name, as one compound packet. */
export function senderReport(sender: SenderState): Buffer {
  const report = rtcpPacket(senderReportType, 0, 28);
  report.writeUInt32BE(sender.ssrc, 4);
  report.writeUInt32BE((Math.floor(sender.wallMs / 1000) + ntpOffsetSeconds) % 2 ** 32, 8);
  report.writeUInt32BE(Math.floor(((sender.wallMs % 1000) / 1000) * 2 ** 32), 12);
  report.writeUInt32BE(sender.timestamp, 16);
  report.writeUInt32BE(sender.packetCount % 2 ** 32, 20);
  report.writeUInt32BE(sender.payloadBytes % 2 ** 32, 24);
  return Buffer.concat([report, sourceDescription(sender.ssrc, sender.cname)]);
}

/** The last report of a stream that ends, with its goodbye. */
export function farewell(sender: SenderState): Buffer {
  const goodbye = rtcpPacket(goodbyeType, 1, 8);
  goodbye.writeUInt32BE(sender.ssrc, 4);
  return Buffer.concat([senderReport(sender), goodbye]);
}

function sourceDescription(ssrc: number, cname: string): Buffer {
  const name = Buffer.from(cname, 'utf8');
  // Header, source, item type and length, name, and 1 to 4 zero bytes that end the list on a word.
  const packet = rtcpPacket(sourceDescriptionType, 1, 8 + (Math.floor((2 + name.length) / 4) + 1) * 4);
  packet.writeUInt32BE(ssrc, 4);
  packet.writeUInt8(cnameItem, 8);
  packet.writeUInt8(name.length, 9);
  name.copy(packet, 10);
  return packet;
}

function rtcpPacket(type: number, count: number, sizeBytes: number): Buffer {
  const packet = Buffer.alloc(sizeBytes);
  packet.writeUInt8(version | count, 0);
  packet.writeUInt8(type, 1);
  packet.writeUInt16BE(sizeBytes / 4 - 1, 2);
  return packet;
}
