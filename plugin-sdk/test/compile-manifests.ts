/** What does the compiler say about a folder of manifests? One run of `tsc` over all of them. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const manifests = fileURLToPath(new URL('manifests', import.meta.url));

export interface Diagnostic {
  /** From the folder of manifests. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** All of it, in several lines where the compiler goes into detail. */
  readonly message: string;
}

const head = /^(.+?)\((\d+),(\d+)\): error TS\d+: (.*)$/;

/** @throws Error when the compiler says something else than diagnostics. */
export async function compileManifests(): Promise<Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const line of (await runCompiler()).split('\n').filter((text) => text !== '')) {
    const [, file, at, column, message] = head.exec(line) ?? [];
    const last = found.at(-1);
    if (file !== undefined && message !== undefined)
      found.push({ file, line: Number(at), column: Number(column), message });
    else if (last !== undefined && line.startsWith(' '))
      found.splice(-1, 1, { ...last, message: `${last.message}\n${line}` });
    else throw new Error(`expected a diagnostic, got ${line}`);
  }
  return found;
}

function runCompiler(): Promise<string> {
  const compiler = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');
  const args = [compiler, '-p', join(manifests, 'tsconfig.json'), '--pretty', 'false'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: manifests, maxBuffer: 16 * 2 ** 20 }, (_, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}
