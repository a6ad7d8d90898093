/** Does who gets an answer still have the right to it? What takes its time is looked at again while it is sent. */
import type { ServerResponse } from 'node:http';
import type { Caller } from '../auth/caller.ts';
import type { Identity } from './identity.ts';

export interface StandingWatch {
  /** Cuts the answer off once its caller is no more, may no longer do what was asked, or is limited otherwise than then. */
  watch(answer: {
    readonly response: ServerResponse;
    readonly identity: Identity;
    /** Of the capability that the route asks for. */
    readonly may: (caller: Caller) => boolean;
  }): void;
}

/** An authorisation that was withdrawn holds for at most as long, ms, and what one look takes. */
const everyMs = 1000;

/** Connections keep real time. */
export function createStandingWatch(): StandingWatch {
  const answers = new Set<Parameters<StandingWatch['watch']>[0]>();
  let timer: NodeJS.Timeout | null = null;
  const look = () => {
    timer = null;
    for (const answer of answers) if (!stands(answer)) answer.response.destroy();
    lookAgain();
  };
  /** Only while something is being sent. */
  const lookAgain = () => {
    if (answers.size > 0) timer ??= setTimeout(look, everyMs).unref();
  };
  return {
    watch(answer) {
      if (answer.response.closed) return;
      answers.add(answer);
      answer.response.once('close', () => answers.delete(answer));
      lookAgain();
    },
  };
}

function stands({ identity, may }: Parameters<StandingWatch['watch']>[0]): boolean {
  const { caller } = identity;
  try {
    const now = identity.again();
    return (
      now.principal.id === caller.principal.id &&
      may(now) &&
      JSON.stringify(now.cameras) === JSON.stringify(caller.cameras)
    );
  } catch {
    return false;
  }
}
