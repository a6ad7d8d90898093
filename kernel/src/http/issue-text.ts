/** How a schema's complaint reads to people: the field, what was expected, what came; never the value itself. */
import { formatPath, type FieldPath } from './field-path.ts';

/** An issue of any Standard Schema; zod's carry the rest. */
export interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  readonly code?: string;
  readonly expected?: string;
  readonly values?: readonly unknown[];
  readonly keys?: readonly string[];
  readonly errors?: readonly (readonly Issue[])[];
}

const issuesShown = 3;

/** The first few issues in one line: `detections[3].confidence: expected number, got text`. */
export function describeIssues(issues: readonly Issue[], raw: unknown, place: string): string {
  const shown = issues.slice(0, issuesShown).map((issue) => describeIssue(issue, raw, place));
  const more = issues.length - shown.length;
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

function describeIssue(issue: Issue, raw: unknown, place: string): string {
  const path = pathOf(issue);
  const value = valueAt(raw, path);
  return `${path.length === 0 ? place : formatPath(path)}: ${complaint(issue, value)}`;
}

function complaint(issue: Issue, value: unknown): string {
  if (issue.code === 'invalid_type' && isDefaultText(issue.message))
    return value === undefined ? 'missing' : `expected ${wordFor(issue.expected)}, got ${got(issue, value)}`;
  if (issue.code === 'invalid_union' && isDefaultText(issue.message)) {
    const expected = alternatives(issue);
    if (value === undefined) return 'missing';
    if (expected.length > 0) return `expected ${expected.join(' or ')}, got ${kindOf(value)}`;
  }
  if (issue.code === 'unrecognized_keys')
    return `unknown ${(issue.keys ?? []).map((key) => formatPath([key])).join(', ')}`;
  return issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
}

function got(issue: Issue, value: unknown): string {
  return issue.expected === 'int' && typeof value === 'number' ? 'a fraction' : kindOf(value);
}

/** False when the schema's author gave a text of their own, which then says it better. */
function isDefaultText(message: string): boolean {
  return message.startsWith('Invalid input');
}

/** The types a union would take here, when it is the type that none of its members accepts. */
function alternatives(issue: Issue): string[] {
  const first = (issue.errors ?? []).map((errors) => errors[0]);
  const words = first.map((error) =>
    error?.code === 'invalid_type' && pathOf(error).length === 0 ? wordFor(error.expected) : null,
  );
  return words.includes(null) ? [] : [...new Set(words.filter((word) => word !== null))];
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  int: 'whole number',
  array: 'list',
  record: 'object',
};

function wordFor(type: string | undefined): string {
  return words[type ?? ''] ?? type ?? 'something else';
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'string' ? 'text' : typeof value;
}

export function pathOf(issue: Issue): FieldPath {
  return (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part));
}

export function valueAt(raw: unknown, path: FieldPath): unknown {
  let value = raw;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}
