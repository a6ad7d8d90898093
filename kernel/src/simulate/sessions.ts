/** Which sessions are open? */
import { Session, type SessionParts } from './session.ts';

export class Sessions {
  readonly timeoutMs: number;
  readonly #parts: SessionParts;
  readonly #open = new Map<string, Session>();

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.timeoutMs = parts.timeoutMs;
  }

  open(): Session {
    const session = new Session(this.#parts, (ended) => this.#open.delete(ended.id));
    this.#open.set(session.id, session);
    return session;
  }

  find(id: string): Session | null {
    return this.#open.get(id) ?? null;
  }

  async endAll(): Promise<void> {
    await Promise.all([...this.#open.values()].map((session) => session.end()));
  }

  /** Ends all without a goodbye. */
  async vanishAll(): Promise<void> {
    await Promise.all([...this.#open.values()].map((session) => session.vanish()));
  }
}
