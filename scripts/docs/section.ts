/** How does a generated part stand in a page that is otherwise written by hand? Between two comments with its name. */

/** @throws Error when the page lacks the comments `<!-- name:start … -->` and `<!-- name:end -->`. */
export function replaceSection(page: string, name: string, generated: string): string {
  const start = new RegExp(`^<!-- ${name}:start\\b.*-->$`, 'm').exec(page);
  const end = new RegExp(`^<!-- ${name}:end -->$`, 'm').exec(page);
  if (start === null || end === null || end.index < start.index)
    throw new Error(
      `the page lacks the lines <!-- ${name}:start --> and <!-- ${name}:end -->, in that order`,
    );
  const before = page.slice(0, start.index + start[0].length);
  return `${before}\n\n${generated.trim()}\n\n${page.slice(end.index)}`;
}
