/** What a row of the table of settings holds, and which rows there have to be: one for each member of `SiteSettings`. */
import type { SiteSettings } from '@heldar/plugin-sdk';

export interface Setting<Value = unknown> {
  readonly variable: `HELDAR_${string}`;
  readonly type: SettingType<Value>;
  /** null: no value. `from`: made of the data folder. */
  readonly default: Value | null | { readonly shown: string; readonly from: (dataDir: string) => Value };
  readonly min?: number;
  readonly max?: number;
  /** What happens to a number outside of the bounds; default `clamp`. */
  readonly outside?: 'clamp' | 'refuse';
  readonly meaning: string;
  /** Its value is never shown. */
  readonly secret?: true;
  /** Why a value that parses cannot be used, or null. */
  readonly refuse?: (value: Value) => string | null;
}

export type SettingType<Value = unknown> = unknown extends Value
  ? 'string' | 'path' | 'program' | 'database' | 'log' | 'int' | 'number' | 'bool' | 'list'
  : Value extends string
    ? 'string' | 'path' | 'program' | 'database' | 'log'
    : Value extends number
      ? 'int' | 'number'
      : Value extends boolean
        ? 'bool'
        : 'list';

type Given<Value> = NonNullable<Value>;
type Leaf = string | number | boolean | readonly unknown[];
type Paths<Tree> = {
  [Key in keyof Tree & string]: Given<Tree[Key]> extends Leaf ? Key : `${Key}.${Paths<Given<Tree[Key]>>}`;
}[keyof Tree & string];
type At<Tree, Path> = Path extends `${infer Key extends keyof Tree & string}.${infer Rest}`
  ? At<Given<Tree[Key]>, Rest>
  : Path extends keyof Tree
    ? Widened<Given<Tree[Path]>>
    : never;
type Widened<Value> = Value extends boolean ? boolean : Value;
type Complete<Tree> = {
  readonly [Key in keyof Tree]-?: Given<Tree[Key]> extends Leaf
    ? Given<Tree[Key]>
    : Complete<Given<Tree[Key]>>;
};

/** Texts that may be unset. */
type Nullable<Group, Name extends keyof Group> = Omit<Group, Name> & {
  readonly [Key in Name]: Group[Key] | null;
};

/** `api.port`, `dataDir`, … */
export type SettingPath = Paths<Required<SiteSettings>>;
export type ValueAt<Path extends SettingPath> = At<SiteSettings, Path>;

/** Every setting with its effective value: folders are absolute, numbers within their bounds. */
export type Settings = Omit<
  Complete<SiteSettings>,
  'siteId' | 'mirrorDir' | 'auth' | 'secrets' | 'oidc' | 'publicUrl'
> & {
  readonly publicUrl: string | null;
  readonly oidc: Nullable<
    Complete<SiteSettings>['oidc'],
    'issuer' | 'clientId' | 'clientSecret' | 'defaultRole'
  >;
  readonly secrets: Nullable<Complete<SiteSettings>['secrets'], 'key'>;
  readonly auth: Nullable<Complete<SiteSettings>['auth'], 'bootstrapUser' | 'bootstrapPassword'>;
  readonly siteId: string | null;
  readonly mirrorDir: string | null;
};
