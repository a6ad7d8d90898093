/** Which templates, licences and package managers can be chosen? */
import { Failure } from './failure.ts';

export const templates = {
  consumer: 'turns detections into events, with durable state',
  app: 'tables, HTTP routes and a job on top of a consumer',
  handler: 'sends events to another system over HTTP',
  worker: 'an AI worker in a process of its own, and the plugin that judges what it finds',
} as const;
export type Template = keyof typeof templates;

export const licences = {
  'Apache-2.0': 'as Heldar itself',
  MIT: 'short and permissive',
  UNLICENSED: 'all rights reserved, not published',
} as const;
export type Licence = keyof typeof licences;

export const packageManagers = {
  npm: 'comes with Node',
  pnpm: 'one store for all projects',
  yarn: 'with a node_modules folder',
} as const;
export type PackageManager = keyof typeof packageManagers;

/**
 * The value of a flag, if it is one of those that there are.
 * @throws Failure naming them.
 */
export function chosen<Choice extends string>(
  flag: string,
  value: string,
  choices: Readonly<Record<Choice, string>>,
): Choice {
  if (isChoice(value, choices)) return value;
  throw new Failure(`${flag}: there is no '${value}'`, `choose one of ${Object.keys(choices).join(', ')}`);
}

function isChoice<Choice extends string>(
  value: string,
  choices: Readonly<Record<Choice, string>>,
): value is Choice {
  return Object.hasOwn(choices, value);
}
