/** The kernel as a library: boot it, talk to it, stop it. */
export { createKernel } from './kernel.ts';
export type { Kernel, KernelOptions } from './kernel.ts';
export { HeldarError, errorKinds } from './errors.ts';
export type { ErrorCode } from './errors.ts';
export type { Clock } from './clock.ts';
export type { HostedPlugin, PluginState } from './plugins/host.ts';
