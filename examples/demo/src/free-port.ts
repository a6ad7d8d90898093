/** Which port is free: the wanted one, else one that the system gives. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

export async function freePort(wanted: number): Promise<number> {
  return (await tryPort(wanted)) ?? (await tryPort(0)) ?? wanted;
}

async function tryPort(port: number): Promise<number | null> {
  const server = createServer();
  const failed = once(server, 'error').then(() => null);
  server.listen(port, '127.0.0.1');
  const listening = once(server, 'listening').then(() => (server.address() as AddressInfo).port);
  const got = await Promise.race([listening, failed]);
  if (got !== null) {
    server.close();
    await once(server, 'close');
  }
  return got;
}
