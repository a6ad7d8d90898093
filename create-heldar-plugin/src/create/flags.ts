/** What can be said on the command line instead of being asked? */
export interface Flags {
  readonly name?: string;
  readonly package?: string;
  readonly template?: string;
  readonly packageManager?: string;
  readonly license?: string;
  readonly git?: boolean;
  readonly install?: boolean;
  /** Take the default of whatever is not said. */
  readonly yes?: boolean;
  /** Write into a folder that holds files. */
  readonly force?: boolean;
}
