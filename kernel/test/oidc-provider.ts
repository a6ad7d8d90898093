/** A real sign-in server in a process of its own: oidc-provider, with its own pages to sign in at. Says where it listens on standard output. */
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const [redirectUrl = ''] = process.argv.slice(2);
/** Groups by account: whoever types the name is it. */
const groups: Readonly<Record<string, string[]>> = {
  ada: ['staff', 'nvr-admins'],
  bob: ['staff'],
  eve: ['visitors'],
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it listens nowhere');
  const issuer = `http://127.0.0.1:${address.port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'heldar',
        client_secret: 'the secret of the client',
        redirect_uris: [redirectUrl],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email'] },
    pkce: { required: () => true },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        preferred_username: id,
        name: `${id} of the other server`,
        groups: groups[id] ?? [],
      }),
    }),
  });
  const answer = provider.callback();
  server.on('request', (request, response) => void answer(request, response));
  process.stdout.write(`${issuer}\n`);
});
process.on('disconnect', () => process.exit());
