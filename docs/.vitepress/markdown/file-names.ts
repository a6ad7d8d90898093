/** Which file is a block of code? What stands behind its language, ```ts src/index.ts, is shown above it. */
import type { MarkdownRenderer } from 'vitepress';

export function showFileNames(md: MarkdownRenderer): void {
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const token = tokens[index];
    const [, language, name] = /^(\w+) (\S+)$/.exec(token?.info.trim() ?? '') ?? [];
    // VitePress takes digits behind the language for lines to mark.
    if (token !== undefined && language !== undefined) token.info = language;
    const block = fence?.(tokens, index, ...rest) ?? '';
    return name === undefined || !/[./]/.test(name)
      ? block
      : `<div class="named-code"><div class="file-name">${md.utils.escapeHtml(name)}</div>${block}</div>\n`;
  };
}
