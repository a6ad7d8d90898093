/** How does a Mermaid block become a diagram? As a component that draws it in the browser. */
import type { MarkdownRenderer } from 'vitepress';

export function renderDiagrams(md: MarkdownRenderer): void {
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const token = tokens[index];
    if (token?.info.trim() === 'mermaid')
      return `<MermaidDiagram source="${encodeURIComponent(token.content)}" />\n`;
    return fence?.(tokens, index, ...rest) ?? '';
  };
}
