import { expect, test } from 'vitest';
import { maskUrls, showValue } from './mask.ts';

test('user info of every URL in a text is hidden, a raw slash or @ in the password too', () => {
  expect(maskUrls('tcp://10.0.0.1 rtsp://admin:s3/cr@et@10.0.0.2/live, http://u:p@h')).toBe(
    'tcp://10.0.0.1 rtsp://***@10.0.0.2/live, http://***@h',
  );
});

test('secret parameters of a URL are hidden, others stay', () => {
  expect(maskUrls('http://h/?user=me&password=x1&api_key=k#top')).toBe(
    'http://h/?user=me&password=***&api_key=***#top',
  );
});

test('a value is hidden by its name, also inside an object', () => {
  expect(showValue('smtp.password', 'hunter2')).toBe('***');
  expect(showValue('smtp', { host: 'h', apiKey: 'k', accounts: [{ token: 't' }] })).toBe(
    '{"host":"h","apiKey":"***","accounts":[{"token":"***"}]}',
  );
  expect(showValue('webhook', ['http://me:pw@h/'])).toBe('["http://***@h/"]');
});

test('what JSON has no place for is named by its kind', () => {
  expect(showValue('a', [() => 1, 10n, new Map(), undefined])).toBe('["(function)","10n","(Map)",null]');
  expect(showValue('a', undefined)).toBe('(none)');
  expect(showValue('a', null)).toBe('(none)');
});

test('a secret setting is hidden whatever it is called', () => {
  expect(showValue('key', 'abc', true)).toBe('***');
});
