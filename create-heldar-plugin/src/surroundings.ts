/** What a command sees of the process it runs in: handed in, so that tests decide. */
export interface Surroundings {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Somebody sits at a terminal and can be asked. */
  readonly isInteractive: boolean;
  /** For copyright notices. */
  readonly year: number;
  /** A line to standard output. */
  print(line: string): void;
  /** A line to standard error. */
  complain(line: string): void;
}
