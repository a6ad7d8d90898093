/** Does the plugin do its work without a fault, and does it ask for what it declares, in time? */
import { nonconforming, type Subject } from '../subject.ts';
import type { ConformanceCase } from '../tier.ts';

export function cleanRun(subject: Subject): ConformanceCase {
  return {
    name: 'takes its traffic without a fault',
    tier: 'bronze',
    async run() {
      const { problems, parked, isIdle } = await subject.observed();
      const [problem] = problems;
      if (problem !== undefined)
        throw nonconforming(
          subject,
          `${problem.message}${problem.place === null ? '' : ` at ${problem.place}`}; mend it there, or give traffic that it is made for: conformance(…, { batches, prepare })`,
        );
      if (isIdle)
        throw nonconforming(
          subject,
          'its traffic had no effect, so that there is nothing to compare; give what it is made for: conformance(…, { batches, prepare })',
        );
      const [item] = parked;
      if (item !== undefined)
        throw nonconforming(
          subject,
          `${item.consumer} could not process ${item.kind} ${item.seq}: ${item.error}`,
        );
    },
  };
}

export function declaredAccess(subject: Subject): ConformanceCase {
  return {
    name: 'asks for nothing that its manifest does not declare',
    tier: 'bronze',
    async run() {
      const { refusals } = await subject.observed();
      const asked = refusals.find(({ reason }) => !isLate(reason));
      if (asked !== undefined) throw nonconforming(subject, `${asked.where} was refused: ${asked.reason}`);
    },
  };
}

export function lateEffects(subject: Subject): ConformanceCase {
  return {
    name: 'is done when its calls have ended, and leaves its context alone once it is disposed',
    tier: 'silver',
    async run() {
      const { refusals, problems } = await subject.observed();
      const late = refusals.find(({ reason }) => isLate(reason));
      if (late !== undefined) throw nonconforming(subject, `${late.where} came too late: ${late.reason}`);
      const told = problems.find(({ message }) => isLate(message));
      if (told !== undefined)
        throw nonconforming(subject, `${told.message} (${told.place ?? 'no place is known'})`);
    },
  };
}

function isLate(reason: string): boolean {
  return /after (?:its call had ended|it was disposed)/.test(reason);
}
