import { consumer, every, onEvent, route, z, type PluginDefinition } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import type { HeldarError } from '../errors.ts';
import { checkContributions } from './contributions.ts';

const base: PluginDefinition = { name: 'parking', consumes: ['anpr'], setup: () => ({}) };
const consume = () => undefined;
const run = () => undefined;

function refusal(returned: unknown, definition: Partial<PluginDefinition> = {}): string {
  try {
    checkContributions({ ...base, ...definition }, returned);
  } catch (error) {
    const { message, details } = error as HeldarError;
    return `${message} → ${String(details['next'])}`;
  }
  return 'taken';
}

test('all kinds of contributions are taken', () => {
  const returned = {
    routes: [route.get('/x', { capability: 'view', scope: { none: 'a test' }, handle: () => undefined })],
    consumers: [
      consumer({ name: 'a', consume }),
      consumer({ name: 'b', consume, tick: { every: '10s', run } }),
    ],
    handlers: [onEvent('overstay', run), onEvent('overstay', run, { name: 'again' })],
    jobs: [every('1h', 'clean', run)],
    services: { find: async () => null },
    health: () => ({ ok: true }),
    dispose: () => undefined,
  };
  const definition = { ...base, emits: { overstay: z.object({}) } };
  expect(checkContributions(definition, returned)).toBe(returned);
  expect(refusal({})).toBe('taken');
});

test.for<[unknown, string]>([
  [undefined, 'parking: setup returned undefined, not an object of contributions → return an object'],
  [[], 'parking: setup returned a list, not an object'],
  [
    { consumer: [] },
    `parking: setup returned 'consumer', which is no contribution → did you mean 'consumers'?`,
  ],
  [{ consumers: {} }, 'parking: consumers: expected a list'],
  [{ consumers: [{}] }, 'parking: consumers[0]: it has no name'],
  [{ consumers: [{ name: 'a' }] }, `parking: consumer 'a': consume is not a function`],
  [
    {
      consumers: [
        { name: 'a', consume },
        { name: 'a', consume },
      ],
    },
    `parking: two consumers are named 'a' → give each a name of its own: cursors are kept by it`,
  ],
  [{ consumers: [{ name: 'a', consume, tick: { every: 'often', run } }] }, `'often' is not an interval`],
  [
    { consumers: [{ name: 'a', consume, tick: { every: '1s' } }] },
    `consumer 'a': tick.run is not a function`,
  ],
  [{ handlers: [{ run }] }, 'parking: handlers[0]: expected what onEvent(…) makes'],
  [
    { handlers: [onEvent('zone_enter', run)] },
    `the handler 'on zone_enter' listens to 'zone_enter', which is not an event of its own → add 'events:read' to capabilities`,
  ],
  [{ handlers: [onEvent('*', run)] }, `the handler 'on *' listens to '*'`],
  [{ jobs: [{ run }] }, 'parking: jobs[0]: expected what every(…) makes'],
  [{ routes: [{}] }, 'parking: routes[0]: expected what route.get(…)'],
  [{ services: { find: 1 } }, 'parking: services.find: expected a function'],
  [{ health: true }, 'parking: health: expected a function'],
  [{ dispose: {} }, 'parking: dispose: expected a function'],
])('%o is refused', ([returned, text]) => {
  expect(refusal(returned)).toContain(text);
});

test('two handlers of one event need names of their own', () => {
  const returned = { handlers: [onEvent('zone_enter', run), onEvent('zone_enter', run)] };
  expect(refusal(returned, { capabilities: ['events:read'] })).toContain(
    `two event handlers are named 'on zone_enter' → give each a name of its own: onEvent(type, run, { name: '…' })`,
  );
});

test('a consumer of nothing is a mistake, unless it takes records or ticks', () => {
  const nothing = { consumes: [] };
  expect(refusal({ consumers: [consumer({ name: 'a', consume })] }, nothing)).toContain(
    `the consumer 'a' would never run: the manifest consumes nothing`,
  );
  expect(refusal({ consumers: [{ name: 'a', consume, records: {} }] }, nothing)).toBe('taken');
  expect(refusal({ consumers: [{ name: 'a', consume }] }, { consumes: '*' })).toBe('taken');
});
