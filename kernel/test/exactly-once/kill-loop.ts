/** How is the kernel killed again and again, on one data folder, while clients go on? */
import { setTimeout } from 'node:timers/promises';
import { addSteps } from './growth.ts';
import { migrationsOf, startKernel, type KernelOptions, type KernelProcess } from './kernel-process.ts';
import { isMigration, type Kill } from './kill-plan.ts';
import type { PersistentClient } from './persistent-client.ts';
import type { ProofClock } from './proof-clock.ts';
import type { Random } from './random.ts';

export interface KillLoopOptions {
  readonly kernelFolder: string;
  readonly dataFolder: string;
  readonly clock: ProofClock;
  readonly client: PersistentClient;
  readonly random: Random;
}

/** How long a start may take, and how long a named point may take to be passed, ms. */
const limitMs = 60_000;
/** By how much the clock of some starts is wrong, ms of the proof's time: more than passes while the kernel starts. */
const clockErrorMs = 60_000;
const stepsPerKill = 3;

/** Starts the kernel and waits until it serves. @throws when it does not. */
export async function startServing(options: KillLoopOptions, offsetMs = 0): Promise<KernelProcess> {
  const kernel = startKernel(kernelOptions(options, offsetMs));
  const url = await orGiveUp(kernel, 'to serve', kernel.ready);
  if (url === null) throw new Error(`the kernel did not start:\n${kernel.output()}`);
  options.client.url = url;
  return kernel;
}

/** One life of the kernel, from its start to its kill. @throws when it ends in any other way. */
export async function killOnce(options: KillLoopOptions, kill: Kill): Promise<void> {
  const { client, random } = options;
  const offsetMs = random.next() < 0.3 ? random.whole(-clockErrorMs, clockErrorMs) : 0;
  // The folder may hold steps that an earlier kill kept from being applied: the point is passed once for each.
  if (isMigration(kill.kind)) addSteps(migrationsOf(options.dataFolder), stepsPerKill);
  const armed = kill.kind === 'random' ? undefined : `${kill.kind}:${kill.passage}`;
  const kernel = startKernel({ ...kernelOptions(options, offsetMs), failpoint: armed });
  void kernel.ready.then((url) => (client.url = url));
  if (kill.kind === 'random') {
    await Promise.race([setTimeout(kill.afterMs), kernel.exited]);
    kernel.kill('SIGKILL');
  }
  const exit = await orGiveUp(kernel, `to pass ${armed ?? 'a moment'}`, kernel.exited);
  client.url = null;
  if (exit.signal !== 'SIGKILL')
    throw new Error(`the kernel ended by itself (${JSON.stringify(exit)}):\n${kernel.output()}`);
}

/** Ends the kernel as an operator would. @throws when it does not end by itself, with code 0. */
export async function stopCleanly(options: KillLoopOptions, kernel: KernelProcess): Promise<void> {
  options.client.url = null;
  kernel.kill('SIGTERM');
  const exit = await orGiveUp(kernel, 'to stop', kernel.exited);
  if (exit.code !== 0)
    throw new Error(`the kernel stopped with ${JSON.stringify(exit)}:\n${kernel.output()}`);
}

function kernelOptions(
  { kernelFolder, dataFolder, clock }: KillLoopOptions,
  offsetMs: number,
): KernelOptions {
  return { kernelFolder, dataFolder, clock: clock.variable(offsetMs) };
}

async function orGiveUp<Value>(kernel: KernelProcess, what: string, wanted: Promise<Value>): Promise<Value> {
  const abort = new AbortController();
  const late = setTimeout(limitMs, 'late' as const, { signal: abort.signal }).catch(() => 'late' as const);
  const first = await Promise.race([wanted.then((value) => ({ value })), late]);
  abort.abort();
  if (first !== 'late') return first.value;
  kernel.kill('SIGKILL');
  throw new Error(`the kernel took more than ${limitMs} ms ${what}:\n${kernel.output()}`);
}
