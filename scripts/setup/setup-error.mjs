/** What is said when a step cannot be done: what is wrong, and how to mend it. */
export class SetupError extends Error {
  /**
   * @param {string} message what is wrong, and where
   * @param {string} next what to do about it
   */
  constructor(message, next) {
    super(message);
    this.name = 'SetupError';
    this.next = next;
  }
}
