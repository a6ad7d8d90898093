/** What does the page over the API document consist of? Everything comes from this server: it works without a way out. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const library = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** Nothing but what this server sends runs or is loaded, and no other page may frame it. */
export const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Addresses are relative, so that the page also works behind a prefix. */
export const docsHtml = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Heldar API</title>
    <link rel="icon" href="docs/favicon.png">
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <main id="api"></main>
    <noscript>This page needs JavaScript. The document it shows is <a href="openapi.json">openapi.json</a>.</noscript>
    <script src="docs/swagger-ui.js"></script>
    <script src="docs/page.js"></script>
  </body>
</html>
`;

/** `validatorUrl` would send the document to a server elsewhere. */
const script = `SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#api',
  deepLinking: true,
  filter: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  showExtensions: true,
  validatorUrl: null,
});
`;

export type DocsFile =
  | { readonly contentType: string; readonly text: string }
  | { readonly contentType: string; readonly path: string };

/** By the name below `/docs/`. */
export const docsFiles: ReadonlyMap<string, DocsFile> = new Map<string, DocsFile>([
  ['page.js', { contentType: 'text/javascript; charset=utf-8', text: script }],
  [
    'swagger-ui.js',
    { contentType: 'text/javascript; charset=utf-8', path: join(library, 'swagger-ui-bundle.js') },
  ],
  ['swagger-ui.css', { contentType: 'text/css; charset=utf-8', path: join(library, 'swagger-ui.css') }],
  ['favicon.png', { contentType: 'image/png', path: join(library, 'favicon-32x32.png') }],
]);
