import { expect, test } from 'vitest';
import { createServices } from './services.ts';

test('a reference reaches whoever offers the service at the time of the call', async () => {
  const services = createServices();
  const find = services.reference('parking', 'find') as (plate: string) => Promise<string>;
  await expect(find('A')).rejects.toMatchObject({
    code: 'unavailable',
    message: 'the service parking.find is not offered now',
  });
  const withdrawOld = services.offer('parking', { find: async (plate: string) => `old ${plate}` });
  expect(await find('A')).toBe('old A');
  const withdrawNew = services.offer('parking', { find: async (plate: string) => `new ${plate}` });
  withdrawOld();
  expect(await find('A')).toBe('new A');
  withdrawNew();
  await expect(find('A')).rejects.toMatchObject({ code: 'unavailable' });
});

test('only what is offered by that name is a service', async () => {
  const services = createServices();
  services.offer('parking', {});
  await expect(services.reference('parking', 'toString')()).rejects.toMatchObject({ code: 'unavailable' });
});

test('what the service throws reaches the caller', async () => {
  const services = createServices();
  services.offer('parking', { find: () => Promise.reject(new Error('no such car')) });
  await expect(services.reference('parking', 'find')()).rejects.toThrow('no such car');
});
