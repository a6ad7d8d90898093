/** Does the plugin say of itself what has to be known before any of its code runs? */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isPluginInstance, type Schema } from '@heldar/plugin-sdk';
import { describeOptions, describeShape } from '../../../plugins/describe-schema.ts';
import { readManifest } from '../../../plugins/manifest.ts';
import { checkOptions, describeProblem } from '../../../plugins/options.ts';
import { folderOf, nonconforming, type Subject } from '../subject.ts';
import type { ConformanceCase } from '../tier.ts';

export function manifest(subject: Subject): ConformanceCase {
  return {
    name: 'says in its manifest and its package what it is',
    tier: 'bronze',
    async run() {
      checkPackage(subject);
      checkShapes(subject);
      await checkDefaults(subject);
    },
  };
}

function checkPackage(subject: Subject): void {
  const { name, definition, packageFile } = subject;
  const folder = folderOf(subject);
  if (packageFile === null || folder === null)
    throw nonconforming(
      subject,
      'no package.json lies above the file that defines it; put it into a package of its own',
    );
  const said = readManifest({ file: null, packageFile: packageFile.file }, null);
  if (said.name !== name)
    throw nonconforming(
      subject,
      `${packageFile.file} says heldar.name '${said.name ?? ''}'; write "heldar": { "name": "${name}" }, so that the host knows it before it loads it`,
    );
  if (said.api === null)
    throw nonconforming(
      subject,
      `${packageFile.file} names no version of the plugin API; add "@heldar/plugin-sdk" to peerDependencies`,
    );
  if (definition.migrations !== undefined && !existsSync(join(folder, definition.migrations)))
    throw nonconforming(
      subject,
      `there is no folder ${join(folder, definition.migrations)}, which 'migrations' names`,
    );
  const missing = said.release.find((file) => !existsSync(join(folder, definition.migrations ?? '.', file)));
  if (missing !== undefined)
    throw nonconforming(
      subject,
      `heldar.release names ${missing}, which is not there; a shipped migration is never removed`,
    );
}

/** `heldar inspect` prints all of it without running `setup`. */
function checkShapes(subject: Subject): void {
  const { config, emits = {}, records = {}, consumes } = subject.definition;
  if (config !== undefined && describeOptions(config) === null)
    throw nonconforming(
      subject,
      `its options can't be told: 'config' is no schema of an object that gives its JSON Schema`,
    );
  const schemas: [what: string, schema: Schema][] = [
    ...Object.entries(emits).map(([type, schema]): [string, Schema] => [`emits.${type}`, schema]),
    ...Object.entries(records).map(([type, schema]): [string, Schema] => [`records.${type}`, schema]),
    ...(typeof consumes === 'object' && !Array.isArray(consumes) ? Object.entries(consumes) : []).map(
      ([type, schema]): [string, Schema] => [`consumes.${type}`, schema as Schema],
    ),
  ];
  const untold = schemas.find(([, schema]) => describeShape(schema) === null);
  if (untold !== undefined)
    throw nonconforming(
      subject,
      `${untold[0]} does not give its JSON Schema, so nobody can see what it holds`,
    );
}

async function checkDefaults(subject: Subject): Promise<void> {
  const { definition, entry } = subject;
  const given = isPluginInstance(entry) ? entry.config : undefined;
  const bare = await checkOptions(definition, {});
  const silent = bare.ok ? undefined : bare.problems.find(({ path }) => path.length === 0);
  if (silent !== undefined)
    throw nonconforming(
      subject,
      `without options it is refused, and no option is named: ${describeProblem(silent)}; give defaults, or an error at the option that is missing`,
    );
  const checked = await checkOptions(definition, given);
  if (!checked.ok)
    throw nonconforming(
      subject,
      `its options are refused: ${checked.problems.map(describeProblem).join('; ')}`,
    );
  if (!isDeepStrictEqual(JSON.parse(JSON.stringify(checked.options)), checked.options))
    throw nonconforming(
      subject,
      `its options are not JSON once its schema has read them, so a plugin in another process would see others; transform them in setup`,
    );
}
