/** The API told by itself: as OpenAPI for programs, and as a page for people. */
import { reply, z } from '@heldar/plugin-sdk';
import { HeldarError } from '../../errors.ts';
import { fileRequestHeaders, serveFile } from '../file-answer.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import type { MountedRoute } from '../mounted-route.ts';
import { docsFiles, docsHtml, docsPolicy } from '../openapi/docs-page.ts';
import { describeApi } from '../openapi/document.ts';

const noCamera = { none: 'declarations of routes, without data of any camera', limited: 'serve' } as const;
const safe = { 'x-content-type-options': 'nosniff' };

export interface ApiDocsOptions {
  /** The same array until routes change. */
  readonly served: () => readonly MountedRoute[];
  readonly version: string;
}

export function apiDocsRoutes(options: ApiDocsOptions): KernelRoute[] {
  const documentText = keepDocument(options);
  return [
    kernelRoute.get('/openapi.json', {
      summary: 'These routes and those of the running plugins, as an OpenAPI 3.1 document',
      capability: 'view',
      scope: noCamera,
      output: z.record(z.string(), z.unknown()),
      handle: () =>
        reply({
          headers: { ...safe, 'content-type': 'application/json', 'cache-control': 'no-cache' },
          body: documentText(),
        }),
    }),
    kernelRoute.get('/docs', {
      summary: 'The same document as a page',
      capability: 'view',
      scope: noCamera,
      replies: { 200: { description: 'The page.', contentType: 'text/html' } },
      handle: () =>
        reply({
          headers: {
            ...safe,
            'content-type': 'text/html; charset=utf-8',
            'content-security-policy': docsPolicy,
            'referrer-policy': 'no-referrer',
          },
          body: docsHtml,
        }),
    }),
    kernelRoute.get('/docs/:file', {
      summary: 'Scripts and styles of that page',
      capability: 'view',
      scope: noCamera,
      params: z.object({ file: z.string() }),
      headers: fileRequestHeaders,
      replies: {
        200: { description: 'A script, a style or an icon.', contentType: '*/*' },
        304: { description: 'It has not changed.' },
      },
      async handle({ params: { file: name }, headers }) {
        const file = docsFiles.get(name);
        if (file === undefined) throw new HeldarError('not_found', 'no such file');
        if ('text' in file)
          return reply({ headers: { ...safe, 'content-type': file.contentType }, body: file.text });
        const answer = await serveFile(file.path, file.contentType, headers);
        return reply({ ...answer, headers: { ...answer.headers, ...safe } });
      },
    }),
  ];
}

/** The document as text, written once for each table of routes. */
function keepDocument({ served, version }: ApiDocsOptions): () => string {
  let kept: { readonly routes: readonly MountedRoute[]; readonly text: string } | undefined;
  return () => {
    const routes = served();
    if (kept?.routes !== routes) kept = { routes, text: JSON.stringify(describeApi(routes, version)) };
    return kept.text;
  };
}
