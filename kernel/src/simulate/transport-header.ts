/** Which of the transports that a SETUP offers can be served? */

/** A way to send that the client offered and the server can do. */
export type TransportChoice =
  | {
      readonly kind: 'interleaved';
      /** Channels for RTP and RTCP; null leaves the choice to the server. */
      readonly channels: readonly [number, number] | null;
    }
  | { readonly kind: 'udp'; readonly clientPorts: readonly [number, number] };

/** The first offer of a `Transport` header that can be served: unicast over UDP, or on the RTSP connection itself. */
export function chooseTransport(header: string): TransportChoice | null {
  for (const offer of header.split(',')) {
    const choice = readOffer(offer);
    if (choice !== null) return choice;
  }
  return null;
}

function readOffer(offer: string): TransportChoice | null {
  const [protocol = '', ...parameters] = offer.split(';').map((part) => part.trim());
  const values = new Map(parameters.map(readParameter));
  if (values.has('multicast') || !/^"?play"?$/i.test(values.get('mode') ?? 'play')) return null;
  switch (protocol.toUpperCase()) {
    case 'RTP/AVP/TCP':
      return readInterleaved(values.get('interleaved'));
    case 'RTP/AVP':
    case 'RTP/AVP/UDP':
      return readUdp(values.get('client_port'));
    default:
      return null;
  }
}

function readParameter(parameter: string): [name: string, value: string] {
  const [name = '', value = ''] = parameter.split('=', 2);
  return [name.toLowerCase(), value];
}

function readInterleaved(value: string | undefined): TransportChoice | null {
  if (value === undefined) return { kind: 'interleaved', channels: null };
  const channels = readPair(value, 0, 255);
  return channels === null ? null : { kind: 'interleaved', channels };
}

function readUdp(value: string | undefined): TransportChoice | null {
  const clientPorts = readPair(value ?? '', 1, 65_535);
  return clientPorts === null ? null : { kind: 'udp', clientPorts };
}

/** `a-b`, or `a` alone for `a` and the next. */
function readPair(value: string, least: number, most: number): [number, number] | null {
  const [, first, second] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(value) ?? [];
  if (first === undefined) return null;
  const pair: [number, number] = [Number(first), second === undefined ? Number(first) + 1 : Number(second)];
  const isUsable = pair[0] !== pair[1] && pair.every((number) => number >= least && number <= most);
  return isUsable ? pair : null;
}
