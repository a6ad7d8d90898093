/** Which file is a block of code? What stands behind its language, ```ts src/index.ts, is shown above it. */
import type { MarkdownRenderer } from 'vitepress';

export function showFileNames(md: MarkdownRenderer): void {
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const block = fence?.(tokens, index, ...rest) ?? '';
    const name = /^\w+ (\S*[./]\S*)$/.exec(tokens[index]?.info.trim() ?? '')?.[1];
    return name === undefined
      ? block
      : `<div class="named-code"><div class="file-name">${md.utils.escapeHtml(name)}</div>${block}</div>\n`;
  };
}
