/** Who holds plugins to their budgets? Measures them window by window and takes the step that the ladder says. */
import type { Isolation } from '@heldar/plugin-sdk';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { asUuid, newHex } from '../ids.ts';
import type { KernelLog } from '../log.ts';
import type { Watch } from '../runtime/watchdog.ts';
import type { Store } from '../store/store.ts';
import { describeBreach, measured, type Breach, type Budgets, type Measure } from './budgets.ts';
import type { HostedPlugin, PluginHost } from './host.ts';
import { goodStanding, judge, type Standing, type Step } from './ladder.ts';
import { createMeter } from './meter.ts';

export interface BudgetSettings extends Budgets {
  readonly enabled: boolean;
  readonly windowSeconds: number;
}

/** What became of a plugin's budgets in its last window. */
export interface BudgetView {
  readonly measured: Readonly<Record<Measure, number>> | null;
  readonly limits: Budgets;
  readonly level: Standing['level'];
  readonly lastStep: { readonly step: Step | 'recover'; readonly reason: string; readonly at: number } | null;
}

export interface BudgetWatch {
  around(watch: Watch): Watch;
  failed(plugin: string): void;
  /** How long lanes of this plugin rest between two calls, ms. */
  paceOf(plugin: string): number;
  view(plugin: HostedPlugin): BudgetView;
  start(deps: { host: PluginHost; store: Store; log: KernelLog }): void;
  /** Waits for a step under way. */
  stop(): Promise<void>;
}

interface Watched {
  standing: Standing;
  paceMs: number;
  /** Ends of its isolate that were counted. */
  restarts: number;
  tier: Isolation;
  measured: BudgetView['measured'];
  lastStep: BudgetView['lastStep'];
}

/** Lanes that are slowed down work for a tenth of the time. */
const restShare = 9;
const paceBounds = { leastMs: 50, mostMs: 2_000 };

export function createBudgetWatch(options: { clock: Clock; settings: BudgetSettings }): BudgetWatch {
  const { clock, settings } = options;
  const meter = createMeter();
  const watched = new Map<string, Watched>();
  let cancel = () => {};
  let judging: Promise<void> = Promise.resolve();
  let isStopped = false;

  const limitsOf = ({ entry }: HostedPlugin): Budgets => {
    const { blockMs, busyPercent, callMs, errorPercent, restarts } = settings;
    return { blockMs, busyPercent, callMs, errorPercent, restarts, ...entry?.options.budgets };
  };
  const watchedOf = ({ name, isolation }: HostedPlugin): Watched => {
    let found = watched.get(name);
    if (found === undefined) {
      found = {
        standing: goodStanding,
        paceMs: 0,
        restarts: 0,
        tier: isolation,
        measured: null,
        lastStep: null,
      };
      watched.set(name, found);
    }
    return found;
  };

  return {
    around: (watch) => (settings.enabled ? meter.around(watch) : watch),
    failed: (plugin) => meter.failed(plugin),
    paceOf: (plugin) => watched.get(plugin)?.paceMs ?? 0,
    view(plugin) {
      const { standing, measured: seen, lastStep } = watchedOf(plugin);
      return { measured: seen, limits: limitsOf(plugin), level: standing.level, lastStep };
    },
    start(deps) {
      if (!settings.enabled) return;
      let begun = clock.monotonic();
      const again = () => {
        cancel = clock.after(settings.windowSeconds * 1000, () => {
          const ms = clock.monotonic() - begun;
          begun = clock.monotonic();
          judging = judgeAll(deps, ms).finally(() => {
            if (!isStopped) again();
          });
        });
      };
      again();
    },
    async stop() {
      isStopped = true;
      cancel();
      await judging;
    },
  };

  async function judgeAll(deps: Parameters<BudgetWatch['start']>[0], ms: number): Promise<void> {
    for (const plugin of deps.host.list())
      if (plugin.state === 'running' && !isStopped)
        await judgeOne(deps, plugin, ms).catch((error: unknown) => {
          // It may have been removed meanwhile, or the disk is full: the next window judges it again.
          deps.log.error({ plugin: plugin.name, reason: messageOf(error) }, 'a budget could not be kept');
        });
  }

  async function judgeOne(
    { host, store, log }: Parameters<BudgetWatch['start']>[0],
    plugin: HostedPlugin,
    ms: number,
  ): Promise<void> {
    const { name, isolation: tier } = plugin;
    const state = watchedOf(plugin);
    const { meanCallMs, ...taken } = meter.take(name);
    const deaths = plugin.isolate?.deaths ?? 0;
    // In another tier, or after a start of its own, its isolate counts from nothing.
    const restarts = state.tier === tier && deaths >= state.restarts ? deaths - state.restarts : deaths;
    Object.assign(state, { restarts: deaths, tier });
    const window = { ...taken, ms, tier, restarts };
    state.measured = measured(window);
    const verdict = judge(state.standing, window, limitsOf(plugin), plugin.entry?.source.file != null);
    state.standing = verdict.standing;
    state.paceMs = verdict.standing.level === 'shed' ? Math.max(state.paceMs, paceFor(meanCallMs)) : 0;
    if (verdict.recovered) {
      const reason = 'it kept within its budgets for a while';
      state.lastStep = { step: 'recover', reason, at: clock.now() };
      log.info({ plugin: name }, `${name}: ${reason}; it runs at full speed`);
      await note(log, store, 'plugin_recovered', 'info', { plugin: name, tier });
    }
    if (verdict.step === null || verdict.breach === null) return;
    const reason = describeBreach(verdict.breach);
    state.lastStep = { step: verdict.step, reason, at: clock.now() };
    log.warn({ plugin: name, step: verdict.step, tier }, `${name}: ${reason}; ${consequences[verdict.step]}`);
    await note(log, store, eventTypes[verdict.step], severities[verdict.step], {
      plugin: name,
      tier,
      ...(verdict.step === 'worker' || verdict.step === 'process' ? { to: verdict.step } : {}),
      reason,
      ...evidenceOf(verdict.breach),
    });
    if (verdict.step === 'worker' || verdict.step === 'process') await host.moveToTier(name, verdict.step);
    if (verdict.step === 'quarantine') await host.quarantine(name, reason);
    // What the step itself took is not held against it.
    meter.take(name);
  }

  async function note(
    log: KernelLog,
    store: Store,
    type: string,
    severity: string,
    payload: object,
  ): Promise<void> {
    const at = clock.now();
    await store
      .write('events.append', [
        {
          id: asUuid(newHex(at)),
          cameraId: null,
          siteId: null,
          type,
          severity,
          atMs: at,
          payload: JSON.stringify(payload),
          source: 'kernel',
        },
      ])
      .catch((error: unknown) => {
        // The step is taken, noted or not.
        if (!isStopped) log.error({ event: type, reason: messageOf(error) }, 'an event could not be stored');
      });
  }
}

function paceFor(meanCallMs: number): number {
  return Math.min(paceBounds.mostMs, Math.max(paceBounds.leastMs, Math.round(restShare * meanCallMs)));
}

function evidenceOf({ measure, measured: value, limit, windowMs }: Breach) {
  return { measure, measured: Math.round(value * 10) / 10, limit, window_ms: Math.round(windowMs) };
}

const eventTypes: Readonly<Record<Step, string>> = {
  warn: 'plugin_budget_warned',
  shed: 'plugin_shed',
  worker: 'plugin_isolated',
  process: 'plugin_isolated',
  quarantine: 'plugin_quarantined',
};

const severities: Readonly<Record<Step, string>> = {
  warn: 'warning',
  shed: 'warning',
  worker: 'warning',
  process: 'warning',
  quarantine: 'critical',
};

const consequences: Readonly<Record<Step, string>> = {
  warn: 'should that go on, its lanes are slowed down',
  shed: 'its lanes are slowed down: it lags, and loses nothing',
  worker: 'it moves to a thread of its own',
  process: 'it moves to a process of its own',
  quarantine: 'it is stopped, and stays out until `heldar quarantine release`',
};
