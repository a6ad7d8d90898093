/** What does the API look like as OpenAPI 3.1? Derived from the declarations of the routes that are served. */
import { kernelOwner, type MountedRoute } from '../mounted-route.ts';
import { errorSchema, sharedAnswers } from './answers.ts';
import { createComponents } from './components.ts';
import { describeOperation, type Operation } from './operation.ts';
import { anyOf, carried, inUrl } from './security.ts';

export interface ApiDocument {
  readonly openapi: '3.1.1';
  readonly info: object;
  readonly servers: readonly object[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly responses: Readonly<Record<string, object>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
  /** Any of these carries a credential. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

export function describeApi(routes: readonly MountedRoute[], version: string): ApiDocument {
  const components = createComponents();
  components.add({ $ref: '#/$defs/Error', $defs: { Error: errorSchema } }, kernelOwner, 'Error');
  const paths: Record<string, Record<string, Operation>> = {};
  const templates = new Map<string, string>();
  const ids = new Set<string>();
  for (const route of routes) {
    const template = pathTemplate(route, templates);
    const operation = describeOperation(route, { template, operationId: freeId(route, ids) }, components);
    (paths[template] ??= {})[route.method.toLowerCase()] = operation;
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Heldar',
      version,
      description:
        'The routes of the kernel and of the plugins that run now. While sign-in is off, whoever reaches the port may do ' +
        'everything. `x-heldar-capability` is what a route asks of its caller, `x-heldar-scope` says which cameras it is about.',
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ owner }) => owner))].map((owner) => ({
      name: owner,
      description: owner === kernelOwner ? 'The kernel itself.' : `The plugin ${owner}.`,
    })),
    paths,
    components: {
      schemas: components.schemas,
      responses: sharedAnswers,
      securitySchemes: { ...carried, ...inUrl },
    },
    security: anyOf(carried),
  };
}

/** Parameters in OpenAPI's notation, where the same path must not stand twice: the first route names its parameters. */
function pathTemplate({ path }: MountedRoute, known: Map<string, string>): string {
  const shape = path.replaceAll(/:\w+/g, ':');
  const template = known.get(shape) ?? path.replaceAll(/:(\w+)/g, '{$1}');
  known.set(shape, template);
  return template;
}

/** `get_cameras_id_timeline`; numbered where two paths differ only in punctuation. */
function freeId({ method, path }: MountedRoute, taken: Set<string>): string {
  const words = path.replace(/^\/api\/v1(?=\/)/, '').replaceAll(/[^A-Za-z0-9]+/g, '_');
  const wanted = `${method.toLowerCase()}${words}`;
  let id = wanted;
  for (let count = 2; taken.has(id); count += 1) id = `${wanted}_${count}`;
  taken.add(id);
  return id;
}
