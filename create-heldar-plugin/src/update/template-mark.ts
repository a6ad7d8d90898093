/** From which version of which template was a project made? Its package.json says. */
import { type Template, templates } from '../choices.ts';
import { Failure, messageOf } from '../failure.ts';
import type { Files } from '../files.ts';

export interface TemplateMark {
  readonly name: Template;
  readonly version: string;
}

interface PackageJson {
  readonly heldar?: { readonly template?: { readonly name?: unknown; readonly version?: unknown } };
}

/** @throws Failure when the project's package.json does not say it. */
export function readMark(files: Files): TemplateMark {
  const { heldar } = readPackage(files);
  const { name, version } = heldar?.template ?? {};
  if (typeof name !== 'string' || typeof version !== 'string')
    throw new Failure(
      'package.json does not say from which template the project was made: heldar.template is missing',
      `add "template": { "name": "${Object.keys(templates).join('|')}", "version": "…" } to its member "heldar"`,
    );
  if (!Object.hasOwn(templates, name))
    throw new Failure(
      `package.json: heldar.template.name: there is no template '${name}'`,
      `write one of ${Object.keys(templates).join(', ')}`,
    );
  if (!/^\d+\.\d+\.\d+$/.test(version))
    throw new Failure(
      `package.json: heldar.template.version: '${version}' is no version`,
      'write the one it was made from, such as "0.1.0"',
    );
  return { name: name as Template, version };
}

function readPackage(files: Files): PackageJson {
  const text = files.get('package.json');
  if (text === undefined)
    throw new Failure(
      'there is no package.json in it',
      'name the folder of a plugin: create-heldar-plugin update <folder>',
    );
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null ? content : {};
  } catch (error) {
    throw new Failure(`package.json is not JSON: ${messageOf(error)}`, 'correct it, then update again', {
      cause: error,
    });
  }
}

/** Numbers between dots: below 0, 0 or above 0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (const [index, part] of (left ?? []).entries()) {
    const difference = part - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
