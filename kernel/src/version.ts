/** Which version of the kernel and of the plugin API runs. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

function versionIn(file: string): string {
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

/** `package.json` lies above `src/` as above `dist/`. */
export const kernelVersion = versionIn(fileURLToPath(new URL('../package.json', import.meta.url)));

/** The package's entry lies in `src/` or `dist/`. */
export const sdkVersion = versionIn(
  fileURLToPath(new URL('../package.json', import.meta.resolve('@heldar/plugin-sdk'))),
);
