/** How does a client get a session with a way for the packets? */
import type { Exchange } from './exchange.ts';
import { ok, refuse } from './exchange.ts';
import type { PacketChannel } from './packet-channel.ts';
import type { RtspResponse } from './rtsp-message.ts';
import type { Session } from './session.ts';
import { chooseTransport, type TransportChoice } from './transport-header.ts';
import { openUdpChannel } from './udp-channel.ts';

export async function setUp(exchange: Exchange): Promise<RtspResponse> {
  const { camera, request, target } = exchange;
  if (target.kind !== 'track') return refuse(459);
  if (exchange.session?.isPlaying) return refuse(455, { Allow: 'OPTIONS, PLAY, PAUSE, TEARDOWN' });
  const choice = chooseTransport(request.headers.get('transport') ?? '');
  if (choice === null) return refuse(461);
  const session = exchange.session ?? camera.sessions.open();
  const channel = await openChannel(exchange, choice, session);
  // The session may have ended while the ports were being opened.
  if (channel === null || session.isEnded) {
    await channel?.close();
    if (exchange.session === null) await session.end();
    return refuse(channel === null ? 461 : 454);
  }
  await session.setUp(target.track, channel);
  const timeoutSeconds = Math.ceil(camera.sessions.timeoutMs / 1000);
  return ok({ Session: `${session.id};timeout=${timeoutSeconds}`, Transport: channel.transportHeader });
}

async function openChannel(
  { camera, connection }: Exchange,
  choice: TransportChoice,
  session: Session,
): Promise<PacketChannel | null> {
  switch (choice.kind) {
    case 'interleaved':
      return connection.openChannel(choice.channels, session);
    case 'udp': {
      const { localAddress, remoteAddress: clientAddress } = connection;
      const { maxQueuedBytes, clock, log } = camera;
      const { clientPorts } = choice;
      return await openUdpChannel(
        { localAddress, clientAddress, clientPorts, maxQueuedBytes },
        session,
        clock,
        log,
      );
    }
  }
}
