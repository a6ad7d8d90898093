/** What does the camera answer to each RTSP request? */
import type { Camera } from './camera.ts';
import type { Connection } from './connection.ts';
import { ok, refuse, type Exchange } from './exchange.ts';
import type { RtspRequest, RtspResponse } from './rtsp-message.ts';
import { describeCamera } from './sdp.ts';
import type { Session } from './session.ts';
import { setUp } from './setup.ts';
import { contentBase, readTarget, trackUrl } from './target.ts';

type Handler = (exchange: Exchange) => RtspResponse | Promise<RtspResponse>;

const handlers = new Map<string, Handler>([
  ['OPTIONS', () => ok({ Public: methods() })],
  ['DESCRIBE', describe],
  ['SETUP', setUp],
  ['PLAY', inSession(play)],
  ['PAUSE', inSession(pause)],
  ['GET_PARAMETER', keepAlive],
  ['SET_PARAMETER', keepAlive],
  ['TEARDOWN', inSession(tearDown)],
]);

export async function respond(
  camera: Camera,
  connection: Connection,
  request: RtspRequest,
): Promise<RtspResponse> {
  const handler = handlers.get(request.method);
  const target = readTarget(request.uri, camera.path, camera.broadcast.tracks);
  if (request.version !== 'RTSP/1.0') return refuse(505);
  if (!request.headers.has('cseq')) return refuse(400);
  const refusal = camera.conduct.refusal ?? (isAdmitted(camera, request) ? null : 401);
  if (refusal === 401)
    return refuse(401, { 'WWW-Authenticate': camera.authentication?.challenges ?? anyChallenge });
  if (refusal !== null) return refuse(refusal);
  if (handler === undefined) return refuse(501, { Public: methods() });
  const required = request.headers.get('require');
  if (required !== undefined) return refuse(551, { Unsupported: required });
  if (target.kind === 'unknown' && request.method !== 'OPTIONS') return refuse(404);
  const sessionId = request.headers.get('session')?.split(';', 1)[0]?.trim();
  const session = sessionId === undefined ? null : camera.sessions.find(sessionId);
  if (sessionId !== undefined && session === null) return refuse(454);
  session?.alive();
  return await handler({ camera, connection, request, target, session });
}

const anyChallenge = ['Basic realm="Heldar simulated camera"'];

/** What the camera can do may be asked by everybody. */
function isAdmitted({ authentication }: Camera, request: RtspRequest): boolean {
  return authentication === null || request.method === 'OPTIONS' || authentication.isAdmitted(request);
}

function methods(): string {
  return [...handlers.keys()].join(', ');
}

function describe({ camera, connection, request, target }: Exchange): RtspResponse {
  if (target.kind !== 'camera') return refuse(404);
  const accepted = request.headers.get('accept') ?? '*/*';
  if (!/application\/(sdp|\*)|\*\/\*/i.test(accepted)) return refuse(406);
  const description = describeCamera(camera.broadcast.tracks, connection.localAddress);
  const headers = { 'Content-Base': contentBase(target.cameraUrl), 'Content-Type': 'application/sdp' };
  return ok(headers, description);
}

/** Wraps what only a session can be asked: without one, nothing has been set up yet. */
function inSession(
  handle: (session: Session, exchange: Exchange) => RtspResponse | Promise<RtspResponse>,
): Handler {
  return (exchange) =>
    exchange.session === null
      ? refuse(455, { Allow: 'OPTIONS, DESCRIBE, SETUP' })
      : handle(exchange.session, exchange);
}

function play(session: Session, { target }: Exchange): RtspResponse {
  if (target.kind !== 'camera' && target.kind !== 'track') return refuse(404);
  const info = session.streams.map((stream) => {
    const { sequence, timestamp } = stream.upcoming();
    return `url=${trackUrl(target.cameraUrl, stream.track)};seq=${sequence};rtptime=${timestamp}`;
  });
  // The answer is written before anything else can run, and so in front of the first frame.
  session.play();
  return ok({ Session: session.id, Range: 'npt=now-', 'RTP-Info': info.join(',') });
}

function pause(session: Session): RtspResponse {
  session.pause();
  return ok({ Session: session.id });
}

async function tearDown(session: Session): Promise<RtspResponse> {
  await session.end();
  return ok();
}

/** The camera has no parameters; a request without a body asks only whether it is there. */
function keepAlive({ request, session }: Exchange): RtspResponse {
  if (request.body.length > 0) return refuse(451);
  return ok(session === null ? {} : { Session: session.id });
}
