import { excerpt } from '../encoding.ts';
import { UsageError } from '../errors.ts';
import { loginFor, type Login } from '../run/login.ts';
import type { OptionName, OptionValues } from '../settings/options.ts';
import type { HelmOption } from './helm-words.ts';

/**
 * The options of Helm that choose a chart or speak to its server: they do their work before Helm is called, and nothing of
 * them is left for Helm. So do those of Helm's own verification, which this one takes the place of.
 */
const TAKEN_OUT: readonly string[] = [
  'version',
  'repo',
  'devel',
  'ca-file',
  'cert-file',
  'key-file',
  'plain-http',
  'insecure-skip-tls-verify',
  'username',
  'password',
  'pass-credentials',
  'verify',
  'keyring',
];

const VALUES = {
  version: 'version',
  repo: 'repo',
  caFile: 'ca-file',
  certFile: 'cert-file',
  keyFile: 'key-file',
} as const satisfies Partial<Record<OptionName, string>>;

/** Whether Helm is not given an option. */
export function takesOut({ name }: HelmOption): boolean {
  return TAKEN_OUT.includes(name);
}

/** What the words for Helm say of where a chart is. */
export class SourceWords {
  private constructor(
    /** Under the names of our options. */
    readonly values: OptionValues,
    /** Of `--username` and `--password`; undefined: neither is given. */
    private readonly login: { readonly username: string; readonly password: string } | undefined,
    /** Whether they go to every server that the chart comes from. */
    private readonly passesCredentials: boolean,
  ) {}

  /** The login for the server of a chart; undefined: none is given. */
  loginFor(reference: string): Login | undefined {
    const place = this.values.repo ?? reference;
    return this.login && loginFor(String(place), this.login, this.passesCredentials);
  }

  /** @throws UsageError on one that must not pass, or a value that is no answer to yes or no */
  static in(options: readonly HelmOption[]): SourceWords {
    if (isSet(options, 'insecure-skip-tls-verify'))
      throw new UsageError(
        '--insecure-skip-tls-verify is refused: the server of a chart has to be the one that is named',
        'name its certificate authority with --ca-file',
      );
    const values: Partial<Record<OptionName, string | true>> = {};
    for (const [ours, helms] of Object.entries(VALUES) as [keyof typeof VALUES, string][]) {
      // To Helm an empty value is none.
      const value = lastOf(options, helms);
      if (value) values[ours] = value;
    }
    if (isSet(options, 'devel')) values.devel = true;
    if (isSet(options, 'plain-http')) values.plainHttp = true;
    const [username, password] = [lastOf(options, 'username') ?? '', lastOf(options, 'password') ?? ''];
    return new SourceWords(
      values,
      username || password ? { username, password } : undefined,
      isSet(options, 'pass-credentials'),
    );
  }
}

/** The last value of an option. */
export function lastOf(options: readonly HelmOption[], name: string): string | undefined {
  return options.findLast((option) => option.name === name)?.value;
}

/** Whether the last of these options, without a value or with one that Go takes for true, says yes. */
export function isSet(options: readonly HelmOption[], name: string): boolean {
  const last = options.findLast((option) => option.name === name);
  if (last === undefined) return false;
  const { value = 'true' } = last;
  if (YES.test(value)) return true;
  if (NO.test(value)) return false;
  throw new UsageError(`--${name} expects true or false, found ${excerpt(value)}`);
}

/** What Go's strconv.ParseBool takes. */
const YES = /^(?:1|t|T|true|TRUE|True)$/;
const NO = /^(?:0|f|F|false|FALSE|False)$/;
