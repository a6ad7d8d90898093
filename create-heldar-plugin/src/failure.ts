/** Why something was not done, and what to do about it: shown to the user instead of a stack. */
export class Failure extends Error {
  /** The next step, as a clause without a full stop. */
  readonly next: string;
  constructor(what: string, next: string, options?: ErrorOptions) {
    super(what, options);
    this.name = 'Failure';
    this.next = next;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
