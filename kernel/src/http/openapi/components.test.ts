import { expect, test } from 'vitest';
import { z } from 'zod';
import { createComponents } from './components.ts';
import { jsonSchemaOf } from './json-schema.ts';

const lamp = z.object({ on: z.boolean(), since: z.string().default('never') }).meta({ id: 'Lamp' });

test('a named schema stands once, whoever refers to it and however deep', () => {
  const components = createComponents();
  expect(components.add(jsonSchemaOf(lamp, 'output'), 'kernel', 'x')).toEqual({
    $ref: '#/components/schemas/Lamp',
  });
  expect(components.add(jsonSchemaOf(z.array(lamp), 'output'), 'kernel', 'y')).toEqual({
    type: 'array',
    items: { $ref: '#/components/schemas/Lamp' },
  });
  expect(Object.keys(components.schemas)).toEqual(['Lamp']);
});

test('names of a plugin do not meet those of the kernel', () => {
  const components = createComponents();
  components.add(jsonSchemaOf(lamp, 'output'), 'kernel', 'x');
  const other = z.object({ bulb: z.string() }).meta({ id: 'Lamp' });
  expect(components.add(jsonSchemaOf(other, 'output'), 'demo', 'y')).toEqual({
    $ref: '#/components/schemas/demo.Lamp',
  });
});

test('one name for two shapes, as sent and as answered, is numbered', () => {
  const components = createComponents();
  components.add(jsonSchemaOf(lamp, 'output'), 'kernel', 'x');
  expect(components.add(jsonSchemaOf(lamp, 'input'), 'kernel', 'y')).toEqual({
    $ref: '#/components/schemas/Lamp2',
  });
  expect(components.schemas).toMatchObject({
    Lamp: { required: ['on', 'since'] },
    Lamp2: { required: ['on'] },
  });
});

test('a schema that holds itself gets a name', () => {
  const tree = z.object({
    get branches() {
      return z.array(tree);
    },
  });
  const components = createComponents();
  expect(components.add(jsonSchemaOf(tree, 'output'), 'kernel', 'get_tree')).toEqual({
    $ref: '#/components/schemas/get_tree',
  });
  components.add(jsonSchemaOf(z.array(tree), 'output'), 'kernel', 'get_trees');
  const list = (name: string) => ({
    branches: { type: 'array', items: { $ref: `#/components/schemas/${name}` } },
  });
  expect(components.schemas).toMatchObject({
    get_tree: { properties: list('get_tree') },
    get_trees_0: { properties: list('get_trees_0') },
  });
});

test('a reference into a schema still finds its place', () => {
  const components = createComponents();
  const schema = { type: 'object', properties: { a: { type: 'string' }, b: { $ref: '#/properties/a' } } };
  components.add(schema, 'demo', 'get_x');
  expect(components.schemas).toMatchObject({
    get_x: { properties: { b: { $ref: '#/components/schemas/get_x/properties/a' } } },
  });
});
