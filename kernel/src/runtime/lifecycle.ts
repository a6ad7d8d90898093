/** What is running, in which order it started, and how it is stopped: in reverse, each within a deadline, also after a failed start. */
import { messageOf } from '../errors.ts';
import { withDeadline } from './deadline.ts';

type Stop = () => void | Promise<void>;

export interface Lifecycle {
  /** Notes how to undo what has just started. */
  onStop(name: string, stop: Stop): void;
  /** Stops everything in reverse; what fails or takes too long is reported and does not keep the rest from stopping. Called again meanwhile, it resolves with the first. */
  stop(): Promise<void>;
}

export function createLifecycle(options: {
  stepLimitMs: number;
  onProblem(name: string, problem: string): void;
}): Lifecycle {
  const stops: { name: string; stop: Stop }[] = [];
  let stopping: Promise<void> = Promise.resolve();

  const stopAll = async () => {
    for (let last = stops.pop(); last !== undefined; last = stops.pop()) {
      const { name, stop } = last;
      try {
        await withDeadline(
          Promise.resolve().then(stop),
          options.stepLimitMs,
          `did not stop within ${options.stepLimitMs} ms`,
        );
      } catch (error) {
        options.onProblem(name, messageOf(error));
      }
    }
  };
  return {
    onStop: (name, stop) => void stops.push({ name, stop }),
    stop: () => (stopping = stopping.then(stopAll)),
  };
}
