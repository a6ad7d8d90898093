import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const known = ['HELDAR_API_PORT', 'HELDAR_API_HOST', 'plugins', 'log'];

test.each([
  ['HELDAR_API_PROT', 'HELDAR_API_PORT'],
  ['plugin', 'plugins'],
  ['Plugins', 'plugins'],
  ['lgo', 'log'],
])('%s probably means %s', (name, meant) => {
  expect(nearest(name, known)).toBe(meant);
});

test.each(['HELDAR_BACKUP_ENABLED', 'x', ''])('%j means none of them', (name) => {
  expect(nearest(name, known)).toBeNull();
});
