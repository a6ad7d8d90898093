/** A temporary folder with given files, in which compositions and plugins can be loaded. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
const scope = fileURLToPath(new URL('../../node_modules/@heldar', import.meta.url));
/** `files`: by path in the folder. The packages of this project can be imported from there by their names. */
export function folderWith(files) {
    const path = realpathSync(mkdtempSync(join(tmpdir(), 'heldar-')));
    mkdirSync(join(path, 'node_modules'));
    symlinkSync(scope, join(path, 'node_modules/@heldar'));
    const all = { 'package.json': '{ "type": "module" }', ...files };
    for (const [name, text] of Object.entries(all)) {
        mkdirSync(dirname(join(path, name)), { recursive: true });
        writeFileSync(join(path, name), text);
    }
    return {
        path,
        file: (name) => join(path, name),
        [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
    };
}
//# sourceMappingURL=folder-with.js.map