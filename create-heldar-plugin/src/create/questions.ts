/** How is somebody at a terminal asked? */
import { cancel, confirm, isCancel, select, text } from '@clack/prompts';
import type { Readable, Writable } from 'node:stream';
import { Failure } from '../failure.ts';

export interface Questions {
  /** `problem`: why an answer will not do, or null. */
  text(question: string, suggestion: string, problem: (answer: string) => string | null): Promise<string>;
  /** `choices`: each with what it means. */
  choice<Choice extends string>(
    question: string,
    choices: Readonly<Record<Choice, string>>,
    first: Choice,
  ): Promise<Choice>;
  yes(question: string, suggestion: boolean): Promise<boolean>;
}

/** On the process's terminal unless other streams are given. @throws Failure when somebody cancels. */
export function terminalQuestions(streams: { input?: Readable; output?: Writable } = {}): Questions {
  const answered = <Answer>(answer: Answer): Exclude<Answer, symbol> => {
    if (!isCancel(answer)) return answer as Exclude<Answer, symbol>;
    cancel('cancelled', streams);
    throw new Failure('nothing was made', 'repeat the command when you are ready');
  };
  return {
    async text(message, suggestion, problem) {
      const validate = (answer: string | undefined) => problem(answer || suggestion) ?? undefined;
      const answer = await text({
        message,
        placeholder: suggestion,
        defaultValue: suggestion,
        validate,
        ...streams,
      });
      return answered(answer);
    },
    async choice<Choice extends string>(
      message: string,
      choices: Readonly<Record<Choice, string>>,
      first: Choice,
    ) {
      const options = Object.entries<string>(choices).map(([value, hint]) => ({ value, label: value, hint }));
      return answered(await select<string>({ message, options, initialValue: first, ...streams })) as Choice;
    },
    async yes(message, suggestion) {
      return answered(await confirm({ message, initialValue: suggestion, ...streams }));
    },
  };
}
