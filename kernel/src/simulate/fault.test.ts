import { expect, test } from 'vitest';
import { parseFault, parsePlannedFault } from './fault.ts';

test('a fault is a word, with a value where it takes one', () => {
  expect(parseFault('drop')).toEqual({ kind: 'drop' });
  expect(parseFault(' error ')).toEqual({ kind: 'error', status: 503 });
  expect(parseFault('error=401')).toEqual({ kind: 'error', status: 401 });
  expect(parseFault('jump=-3600')).toEqual({ kind: 'jump', seconds: -3600 });
  expect(parseFault('file=/media/a=b@2.mp4')).toEqual({ kind: 'file', path: '/media/a=b@2.mp4' });
});

test('a moment may follow', () => {
  expect(parsePlannedFault('freeze@2.5')).toEqual({ fault: { kind: 'freeze' }, afterSeconds: 2.5 });
  expect(parsePlannedFault('file=/a@b.mp4@10')).toEqual({
    fault: { kind: 'file', path: '/a@b.mp4' },
    afterSeconds: 10,
  });
  expect(parsePlannedFault('off')).toEqual({ fault: { kind: 'off' }, afterSeconds: 0 });
});

test.for(['', 'explode', 'drop=1', 'error=200', 'error=999', 'jump', 'jump=far', 'file='])(
  "'%s' is refused with the list of faults",
  (text) => {
    expect(() => parseFault(text)).toThrow(/is no fault of a camera\. Choose one of: drop, freeze/);
  },
);
