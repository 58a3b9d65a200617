/** Whether a flag takes a value: never, always (perhaps from the next word), or only behind `=`. */
export type TakesValue = 'never' | 'always' | 'behind =';

/** The flags of one verb of one Helm. */
export interface HelmFlags {
  /** By name, without dashes. */
  readonly long: ReadonlyMap<string, TakesValue>;
  /** The names of those that have a letter. */
  readonly short: ReadonlyMap<string, string>;
}

/**
 * The flags that `helm VERB --help` lists, in the form of the library pflag: `-s, --long TYPE` takes a value,
 * `--long TYPE[="x"]` one behind `=`, `--long` none. What the help does not list is no flag here.
 */
export function parseHelmHelp(help: string): HelmFlags {
  const long = new Map<string, TakesValue>();
  const short = new Map<string, string>();
  let isAmongFlags = false;
  for (const line of help.split(/\r?\n/)) {
    // A heading stands at the beginning of its line.
    if (/^\S/.test(line)) isAmongFlags = /^(?:Global )?Flags:$/.test(line);
    const found = isAmongFlags ? FLAG.exec(line) : null;
    if (found === null) continue;
    const [, letter, name = '', rest = ''] = found;
    // Two blanks end the type, which may have one in it.
    const [type = ''] = rest.split('  ');
    long.set(name, type === '' ? 'never' : type.includes('[=') ? 'behind =' : 'always');
    if (letter !== undefined) short.set(letter, name);
  }
  return { long, short };
}

const FLAG = /^ {2}(?:-([A-Za-z0-9]), | {4})--([A-Za-z0-9][A-Za-z0-9.-]*)( .*)?$/;
