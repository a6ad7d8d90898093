/** Which credential counts when a request carries several, or something that is none? */
import { expect, test } from 'vitest';
import { credentialOf } from './credential.ts';

const bearer = (token: string) => ({ token, isCookie: false });
const cookie = (token: string) => ({ token, isCookie: true });

test.each([
  [{ authorization: 'Bearer a' }, bearer('a')],
  [{ authorization: '  bearer   a  ' }, bearer('a')],
  [{ authorization: 'BEARER a' }, null],
  [{ authorization: 'Bearer' }, null],
  [{ authorization: 'Basic YTpi', 'x-api-key': ' k ' }, bearer('k')],
  [{ authorization: 'Bearer a', 'x-api-key': 'k', cookie: 'heldar_session=c' }, bearer('a')],
  [{ 'x-api-key': ' ', cookie: 'heldar_session=c' }, cookie('c')],
  [{ cookie: 'a=b;heldar_session=; heldar_session=c; heldar_session=d' }, cookie('c')],
  [{ cookie: 'xheldar_session=c; heldar_sessions=d' }, null],
  [{ cookie: 'heldar_session=a=b' }, cookie('a=b')],
  [{}, null],
])('%o', (headers, credential) => {
  expect(credentialOf(headers)).toEqual(credential);
});
