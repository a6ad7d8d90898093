/** Is what `setup` returned something that can be plugged in? Asked before any of it is. */
import type { Contributions, PluginDefinition } from '@heldar/plugin-sdk';
import { nearest } from '../config/nearest.ts';
import { parseInterval } from '../detections/ticks.ts';
import { HeldarError } from '../errors.ts';

const lists = ['routes', 'consumers', 'handlers', 'jobs'] as const;
const members: readonly string[] = [...lists, 'services', 'health', 'dispose'];

/** @throws HeldarError `plugin_invalid` naming plugin, member and next step. */
export function checkContributions(definition: PluginDefinition, returned: unknown): Contributions {
  const refuse = (problem: string, next: string): never => {
    throw new HeldarError('plugin_invalid', `${definition.name}: ${problem}`, { details: { next } });
  };
  if (typeof returned !== 'object' || returned === null || Array.isArray(returned))
    return refuse(
      `setup returned ${Array.isArray(returned) ? 'a list' : String(returned)}, not an object of contributions`,
      'return an object such as { consumers: […], routes: […] }; {} for none',
    );
  for (const member of Object.keys(returned))
    if (!members.includes(member))
      refuse(
        `setup returned '${member}', which is no contribution`,
        `did you mean '${nearest(member, members) ?? members.join(`', '`)}'?`,
      );
  const contributions = returned as Contributions;
  for (const member of lists)
    if (contributions[member] !== undefined && !Array.isArray(contributions[member]))
      refuse(`${member}: expected a list`, `write \`${member}: [ … ]\``);
  checkConsumers(definition, contributions, refuse);
  checkHandlers(definition, contributions, refuse);
  for (const [index, job] of (contributions.jobs ?? []).entries())
    if (job?.kind !== 'job' || typeof job.run !== 'function')
      refuse(`jobs[${index}]: expected what every(…) makes`, `write every('1h', 'name', async () => { … })`);
  for (const [index, route] of (contributions.routes ?? []).entries())
    if (typeof route?.path !== 'string' || typeof route.definition !== 'object')
      refuse(
        `routes[${index}]: expected what route.get(…) and the like make`,
        `write route.get('/path', { … })`,
      );
  for (const [name, service] of Object.entries(contributions.services ?? {}))
    if (typeof service !== 'function') refuse(`services.${name}: expected a function`, 'offer a function');
  for (const member of ['health', 'dispose'] as const)
    if (contributions[member] !== undefined && typeof contributions[member] !== 'function')
      refuse(`${member}: expected a function`, `write ${member}() { … }`);
  return contributions;
}

type Refuse = (problem: string, next: string) => never;

function checkConsumers(
  definition: PluginDefinition,
  { consumers = [] }: Contributions,
  refuse: Refuse,
): void {
  const seen = new Set<string>();
  for (const [index, consumer] of consumers.entries()) {
    const what = `consumers[${index}]`;
    if (typeof consumer?.name !== 'string' || consumer.name === '')
      refuse(`${what}: it has no name`, 'give it one: its cursor and state are kept under it');
    if (seen.has(consumer.name))
      refuse(
        `two consumers are named '${consumer.name}'`,
        'give each a name of its own: cursors are kept by it',
      );
    seen.add(consumer.name);
    if (typeof consumer.consume !== 'function')
      refuse(`consumer '${consumer.name}': consume is not a function`, 'write consume(batch, fx) { … }');
    if (consumer.tick !== undefined) {
      if (typeof consumer.tick.run !== 'function')
        refuse(`consumer '${consumer.name}': tick.run is not a function`, 'write run(fx) { … }');
      parseInterval(consumer.tick.every, `${definition.name}.${consumer.name}: tick.every`);
    }
  }
  const consumes = definition.consumes ?? [];
  const wantsNone = Array.isArray(consumes) ? consumes.length === 0 : Object.keys(consumes).length === 0;
  const idle = consumers.find((consumer) => consumer.records === undefined && consumer.tick === undefined);
  if (wantsNone && idle !== undefined)
    refuse(
      `the consumer '${idle.name}' would never run: the manifest consumes nothing`,
      `name its task types, or '*', under 'consumes' in definePlugin`,
    );
}

function checkHandlers(definition: PluginDefinition, { handlers = [] }: Contributions, refuse: Refuse): void {
  const seen = new Set<string>();
  const own = definition.emits ?? {};
  for (const [index, handler] of handlers.entries()) {
    if (handler?.kind !== 'event' || typeof handler.run !== 'function')
      refuse(
        `handlers[${index}]: expected what onEvent(…) makes`,
        `write onEvent('type', async (event) => { … })`,
      );
    if (seen.has(handler.name))
      refuse(
        `two event handlers are named '${handler.name}'`,
        `give each a name of its own: onEvent(type, run, { name: '…' }); cursors are kept by it`,
      );
    seen.add(handler.name);
    const foreign = handler.types === '*' ? '*' : handler.types.find((type) => !Object.hasOwn(own, type));
    if (foreign !== undefined && definition.capabilities?.includes('events:read') !== true)
      refuse(
        `the handler '${handler.name}' listens to '${foreign}', which is not an event of its own`,
        `add 'events:read' to capabilities in definePlugin`,
      );
  }
}
