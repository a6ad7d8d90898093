/** Writes docs/configuration.md from the table of settings. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { renderReference } from '../kernel/src/config/reference.ts';

const file = fileURLToPath(new URL('../docs/configuration.md', import.meta.url));
writeFileSync(file, await format(renderReference(), { ...(await resolveConfig(file)), filepath: file }));
