/** A gate before a simulated camera that asks for credentials as cameras do: Basic, or Digest by RFC 7616. */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { startHost } from './media-site.ts';

export interface Guard {
  readonly user: string;
  readonly password: string;
  readonly scheme: 'Basic' | 'Digest';
  /** Of a digest. */
  readonly algorithm?: 'MD5' | 'SHA-256';
}

const realm = 'camera';
const nonce = '5f1c0e7a';

/** Passes on what follows the first request that is signed in as the guard wants it. `url`: of the camera behind. */
export async function startGuardedCamera(
  url: string,
  guard: Guard,
): Promise<{ url: string } & AsyncDisposable> {
  const behind = new URL(url);
  const host = await startHost((client) => admit(client, guard, Number(behind.port)));
  return {
    url: `rtsp://127.0.0.1:${host.port}${behind.pathname}`,
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}

function admit(client: Socket, guard: Guard, port: number): void {
  let text = '';
  const read = (chunk: Buffer) => {
    text += chunk.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      const request = text.slice(0, end);
      if (isSignedIn(request, guard)) {
        client.off('data', read);
        const camera = connect(port, '127.0.0.1');
        camera.on('error', () => client.destroy());
        client.once('close', () => camera.destroy());
        camera.write(text, 'latin1');
        client.pipe(camera).pipe(client);
        return;
      }
      text = text.slice(end + 4);
      const sequence = /^cseq:\s*(\d+)/im.exec(request)?.[1] ?? '0';
      client.write(
        `RTSP/1.0 401 Unauthorized\r\nCSeq: ${sequence}\r\nWWW-Authenticate: ${challengeOf(guard)}\r\n\r\n`,
      );
    }
  };
  client.on('data', read);
}

function challengeOf({ scheme, algorithm }: Guard): string {
  if (scheme === 'Basic') return `Basic realm="${realm}"`;
  return `Digest realm="${realm}", nonce="${nonce}"${algorithm === undefined ? '' : `, algorithm=${algorithm}`}`;
}

function isSignedIn(request: string, { user, password, scheme, algorithm = 'MD5' }: Guard): boolean {
  const given = /^authorization:\s*(.*)$/im.exec(request)?.[1]?.trim();
  if (given === undefined) return false;
  if (scheme === 'Basic') return given === `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const field = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(given)?.[1] ?? '';
  const hash = (...parts: string[]) =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(parts.join(':'))
      .digest('hex');
  const method = request.split(' ', 1)[0] ?? '';
  const expected = hash(hash(user, realm, password), nonce, hash(method, field('uri')));
  return field('username') === user && field('response') === expected;
}
