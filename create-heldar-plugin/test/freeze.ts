/** Keeps the templates as they are now under the version they say: what `update` is tested from. Run before a release. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Template, templates } from '../src/choices.ts';
import { readTemplate } from '../src/create/read-template.ts';
import { writeFiles } from '../src/files.ts';
import { readMark } from '../src/update/template-mark.ts';

const released = fileURLToPath(new URL('../released/', import.meta.url));

for (const template of Object.keys(templates) as Template[]) {
  const files = await readTemplate(template);
  const { version } = readMark(files);
  const folder = `${released}${version}/${template}`;
  rmSync(folder, { recursive: true, force: true });
  await writeFiles(folder, files);
  process.stdout.write(`${version}/${template}: ${files.size} files\n`);
}
