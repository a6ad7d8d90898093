/** A definition that has its type already. */
import { definePlugin, type PluginDefinition } from '@heldar/plugin-sdk';

const definition: PluginDefinition = { name: 'demo', consumes: '*', setup: () => ({}) };

export default definePlugin(definition);
