import { UsageError } from '../errors.ts';
import { excerpt } from '../encoding.ts';
import { parseBaseUrl, type BaseUrl } from '../http/base-url.ts';
import { OPTIONS, type OptionDeclaration, type OptionName, type OptionValues } from './options.ts';

/** Whose settings of one kind these are; a flag replaces a variable. */
export interface Given {
  readonly values: readonly string[];
  readonly from: 'flag' | 'variable' | 'default' | 'nowhere';
}

/**
 * The settings of a run: flags win over variables, variables over defaults; an empty variable is unset. Each is
 * read when a command asks for it, so a variable that a command does not use cannot spoil it.
 */
export class Settings {
  constructor(
    private readonly options: OptionValues,
    private readonly env: Readonly<Record<string, string | undefined>>,
  ) {}

  /** The values of an option, its variable or its default. @throws UsageError when an empty value was given. */
  given(name: OptionName): Given {
    const { flags, variable, default: preset }: OptionDeclaration = OPTIONS[name];
    const option = this.options[name];
    if (option !== undefined && option !== true) {
      const values = typeof option === 'string' ? [option] : option;
      if (values.includes('')) throw new UsageError(`${flags} needs a value, found an empty one`);
      return { values, from: 'flag' };
    }
    const inherited = variable === undefined ? undefined : this.env[variable];
    if (inherited) return { values: [inherited], from: 'variable' };
    return preset === undefined ? { values: [], from: 'nowhere' } : { values: [preset], from: 'default' };
  }

  /** All values of a repeatable option. */
  all(name: OptionName): readonly string[] {
    return this.given(name).values;
  }

  /** The value of an option, or undefined. */
  one(name: OptionName): string | undefined {
    return this.given(name).values.at(-1);
  }

  /** Whether an option without a value was given. */
  has(name: OptionName): boolean {
    return this.options[name] !== undefined;
  }

  /** The options given that weaken something, as they are spelt. */
  get insecure(): readonly string[] {
    const flags = Object.keys(this.options).map((name) => OPTIONS[name as OptionName].flags);
    return flags.filter((flag) => flag.startsWith('--insecure-'));
  }

  /** The log of this run. @throws UsageError when the URL cannot be one. */
  get rekorServer(): BaseUrl {
    return this.#url('rekorServer');
  }

  /** The base URL of the TUF repository with Sigstore's trusted root. @throws UsageError when it cannot be one. */
  get tufMirror(): string {
    return this.#url('tufMirror').href;
  }

  /**
   * The primary fingerprints that `--fingerprint` accepts, in lower case without blanks; empty: any.
   * @throws UsageError on a short key ID, which anybody can make a key for, and on anything else.
   */
  get fingerprints(): readonly string[] {
    return this.all('fingerprint').map((text) => {
      const hex = text.replace(/\s|^0x/g, '').toLowerCase();
      if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(hex)) return hex;
      if (/^(?:[0-9a-f]{8}|[0-9a-f]{16})$/.test(hex))
        throw new UsageError(
          `--fingerprint expects a full fingerprint of 40 or 64 hexadecimal digits, found the key ID ${hex}`,
          'a key ID can be forged; gpg --list-keys --fingerprint shows the whole fingerprint',
        );
      throw new UsageError(`--fingerprint expects 40 or 64 hexadecimal digits, found ${excerpt(text)}`);
    });
  }

  /** How long one request may take, in milliseconds. @throws UsageError when it is not a duration. */
  get timeout(): number {
    const text = this.one('timeout') ?? OPTIONS.timeout.default;
    const [, digits, unit] = /^([0-9]{1,6})(ms|s|m)?$/.exec(text) ?? [];
    const milliseconds = Number(digits) * (unit === 'ms' ? 1 : unit === 'm' ? 60_000 : 1000);
    if (!(milliseconds > 0 && milliseconds <= 3_600_000))
      throw new UsageError(
        `--timeout expects a duration of at most an hour, such as 30s, found ${excerpt(text)}`,
      );
    return milliseconds;
  }

  #url(name: 'rekorServer' | 'tufMirror'): BaseUrl {
    const { flags, variable, default: preset } = OPTIONS[name];
    const { values, from } = this.given(name);
    return parseBaseUrl(values[0] ?? preset, from === 'variable' ? variable : flags.replace(/ .*/, ''));
  }
}
