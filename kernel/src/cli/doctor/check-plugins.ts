/** Would the plugins of the composition start? Checked as a start would, up to `setup`. */
import type { ResolvedConfig } from '../../config/load-config.ts';
import { surveyPlugins } from '../survey.ts';
import type { Finding } from './checks.ts';

export async function* checkPlugins(config: ResolvedConfig): AsyncGenerator<Finding> {
  for (const { name, version, state, failure } of await surveyPlugins(config)) {
    const title = `plugin ${name} ${version}`.trim();
    if (failure === null) yield { ok: true, text: `${title}${state === 'disabled' ? ': switched off' : ''}` };
    else
      yield {
        ok: false,
        text: `${title}: ${failure.reason}${failure.place === null ? '' : `\n  ${failure.place}`}`,
        next: failure.next,
      };
  }
}
