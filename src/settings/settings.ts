import { UsageError, type InputError } from '../errors.ts';
import { OPTION_NAMES, OPTIONS, spellingOf, takesPath } from './options.ts';
import type { OptionDeclaration } from './option-declaration.ts';
import type { OptionName, OptionValues } from './options.ts';
import { requirePath } from './path-value.ts';

/** The values of one setting, and where they come from; a flag replaces a variable. */
export interface Given {
  readonly values: readonly string[];
  readonly from: 'flag' | 'variable' | 'configuration' | 'default' | 'nowhere';
}

/** What the user, or a policy, chose for every run. An unreadable choice is an error only for a run that needs it. */
export type Chosen = Readonly<Partial<Record<OptionName, string | readonly string[] | InputError>>>;

/** Names with values, such as those of `process.env`. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The settings of a run: flags win over variables, variables over what the user chose for every run, and that over
 * defaults; an empty variable is unset. Each is read when a command asks for it, so a bad variable fails no
 * command that does not use it.
 * @typeParam Taken the options that can be read. Settings with more options may be passed as settings with
 * fewer, but not the other way round: code that reads an option which the command does not take does not
 * compile.
 */
export class Settings<in Taken extends OptionName = OptionName> {
  constructor(
    private readonly options: OptionValues,
    private readonly env: Variables,
    private readonly chosen: Chosen = {},
  ) {}

  /** The same settings, as a policy has them: these options may not be given, and their variables do not count. */
  under(chosen: Chosen, closed: readonly OptionName[]): Settings<Taken> {
    const variables = closed.flatMap((name) => (OPTIONS[name] as OptionDeclaration).variable ?? []);
    const env = Object.fromEntries(Object.entries(this.env).filter(([name]) => !variables.includes(name)));
    return new Settings(this.options, env, { ...this.chosen, ...chosen });
  }

  /** The same settings, with these values in place of those that were given. */
  with(values: OptionValues): Settings<Taken> {
    return new Settings({ ...this.options, ...values }, this.env, this.chosen);
  }

  /** Whether an option was given, with or without a value. */
  isGiven(name: OptionName): boolean {
    return this.options[name] !== undefined;
  }

  /** The variable that would count for an option, if there is one that is not empty. */
  variableFor(name: OptionName): string | undefined {
    const { variable }: OptionDeclaration = OPTIONS[name];
    return variable !== undefined && this.env[variable] ? variable : undefined;
  }

  /** Checks every option that was given, also those that this run may not need. @throws UsageError */
  requireSoundFlags(): void {
    for (const name of this.#named) this.#givenByFlag(name);
  }

  /**
   * The values of an option, its variable or its default.
   * @throws UsageError when an empty value was given, or a URL for a path
   */
  given(name: Taken): Given {
    const { variable, default: preset }: OptionDeclaration = OPTIONS[name];
    const given = this.#givenByFlag(name);
    if (given.from === 'flag') return given;
    const inherited = variable === undefined ? undefined : this.env[variable];
    if (variable !== undefined && inherited) {
      if (takesPath(name)) requirePath(inherited, variable);
      return { values: [inherited], from: 'variable' };
    }
    const chosen = this.chosen[name];
    if (chosen instanceof Error) throw chosen;
    if (chosen !== undefined)
      return { values: typeof chosen === 'string' ? [chosen] : chosen, from: 'configuration' };
    return preset === undefined ? { values: [], from: 'nowhere' } : { values: [preset], from: 'default' };
  }

  /** The values of an option, whatever its variable says. @throws UsageError as {@link Settings.given} does */
  givenByFlag(name: Taken): readonly string[] {
    return this.#givenByFlag(name).values;
  }

  /** All values of a repeatable option. */
  all(name: Taken): readonly string[] {
    return this.given(name).values;
  }

  /** The value of an option, or undefined. */
  one(name: Taken): string | undefined {
    return this.given(name).values.at(-1);
  }

  /** Whether an option without a value was given. */
  has(name: Taken): boolean {
    return this.options[name] !== undefined;
  }

  /** The options given that weaken something, as they are spelt. */
  get insecure(): readonly string[] {
    const flags = this.#named.map((name) => OPTIONS[name].flags);
    return flags.filter((flag) => flag.startsWith('--insecure-'));
  }

  /** The same, for code that also reads options which the command does not take: these are not given. */
  lacking<More extends OptionName>(): Settings<Taken | More> {
    return this as unknown as Settings<Taken | More>;
  }

  get #named(): OptionName[] {
    return OPTION_NAMES.filter((name) => this.options[name] !== undefined);
  }

  #givenByFlag(name: OptionName): Given {
    const { flags, once }: OptionDeclaration = OPTIONS[name];
    const option = this.options[name];
    if (option === undefined || option === true) return { values: [], from: 'nowhere' };
    const values = typeof option === 'string' ? [option] : option;
    if (values.includes('')) throw new UsageError(`${flags} needs a value, found an empty one`);
    if (once && values.length > 1)
      throw new UsageError(`${spellingOf(name)} is expected once, found ${values.length} times`);
    if (takesPath(name)) for (const value of values) requirePath(value, spellingOf(name));
    return { values, from: 'flag' };
  }
}
