/** A diagram, drawn in the reader's browser from its Mermaid text; the text itself until then, and without scripts. */
import mermaidUrl from '@mermaid-js/tiny/dist/mermaid.tiny.js?url';
import { useData } from 'vitepress';
import { defineComponent, h, onMounted, ref, watch } from 'vue';

interface Mermaid {
  initialize(options: {
    startOnLoad: boolean;
    theme: string;
    fontFamily: string;
    /** px, beyond which a label is broken. */
    flowchart: { wrappingWidth: number };
  }): void;
  render(id: string, source: string): Promise<{ svg: string }>;
}

let loading: Promise<Mermaid> | undefined;
let drawn = 0;

export const MermaidDiagram = defineComponent({
  props: { source: { type: String, required: true } },
  setup(props) {
    const { isDark } = useData();
    const source = decodeURIComponent(props.source);
    const svg = ref('');
    const draw = async () => {
      const mermaid = await (loading ??= load());
      mermaid.initialize({
        startOnLoad: false,
        theme: isDark.value ? 'dark' : 'neutral',
        // By name: labels are measured outside of the page's text, where others would be inherited.
        fontFamily: getComputedStyle(document.body).fontFamily,
        flowchart: { wrappingWidth: 360 },
      });
      svg.value = (await mermaid.render(`diagram-${(drawn += 1)}`, source)).svg;
    };
    onMounted(draw);
    watch(isDark, draw);
    return () =>
      svg.value === ''
        ? h('pre', { class: 'diagram' }, source)
        : h('div', { class: 'diagram', innerHTML: svg.value });
  },
});

/** A classic script that leaves itself as a global; it comes from this site. */
function load(): Promise<Mermaid> {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = mermaidUrl;
    script.addEventListener('load', () => resolve((globalThis as unknown as { mermaid: Mermaid }).mermaid));
    script.addEventListener('error', () => reject(new Error(`could not load ${mermaidUrl}`)));
    document.head.append(script);
  });
}
