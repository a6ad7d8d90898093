/** How a list of names stands in a column: JSON, or null for no list at all, which is not the empty one. */

export function storedNames(names: readonly string[] | null): string | null {
  return names === null ? null : JSON.stringify(names);
}

export function namesIn(text: string | null): string[] | null {
  return text === null ? null : (JSON.parse(text) as string[]);
}
