/** How long may a plugin's own code take? */

export interface PluginLimits {
  /** Loading its module, ms. */
  readonly importMs: number;
  /** From the call of `setup` to what it returns, ms. */
  readonly setupMs: number;
  /** For calls under way to end when a generation is disposed, ms. */
  readonly drainMs: number;
  /** For its `dispose`, ms. */
  readonly disposeMs: number;
  readonly healthMs: number;
}

export const defaultLimits: PluginLimits = {
  importMs: 15_000,
  setupMs: 15_000,
  drainMs: 5_000,
  disposeMs: 5_000,
  healthMs: 5_000,
};
