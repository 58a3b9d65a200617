import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { chartArchive } from '../chart.ts';
import { GnupgHome } from '../gnupg.ts';
import { runProgram, type Ran, type Surroundings } from '../program.ts';
import { Folder } from './folder.ts';

/** A publisher with a real gpg in a home of its own, and a stand-in for `helm show chart`. The real Helms are in test/e2e. */
export class GpgPublisher extends Folder {
  private constructor(
    { directory }: Folder,
    readonly gnupg: GnupgHome,
  ) {
    super(directory);
  }

  static override async create(): Promise<GpgPublisher> {
    const publisher = new GpgPublisher(await Folder.create(), await GnupgHome.create());
    await publisher.script('helm', HELM);
    return publisher;
  }

  override async close(): Promise<void> {
    await this.gnupg.remove();
    await super.close();
  }

  /** Writes a program for `sh` into the directory of programs that is looked into first. Returns its path. */
  async script(name: string, text: string): Promise<string> {
    await mkdir(join(this.directory, 'programs'), { recursive: true });
    const path = await this.write(join('programs', name), `#!/bin/sh\n${text}`);
    await chmod(path, 0o755);
    return path;
  }

  /** Puts a program in front of the real gpg: what it does with `--clearsign` is up to the text, all else gpg does. */
  async signWith(text: string): Promise<void> {
    await this.script('gpg', `case " $* " in *" --clearsign "*) ;; *) exec ${REAL} "$@" ;; esac\n${text}\n`);
  }

  /** Lets gpg sign by itself again, with this configuration. */
  async configure(options: string): Promise<void> {
    await writeFile(join(this.gnupg.path, 'gpg.conf'), options);
    await this.remove(join('programs', 'gpg')).catch(() => undefined);
  }

  /** Makes a key, and returns its fingerprint in capitals. @param options of gpg, such as a time */
  async key(
    userId: string,
    algorithm = 'ed25519',
    { usage = 'sign', expires = 'never', passphrase = '', options = [] as readonly string[] } = {},
  ): Promise<string> {
    const quiet = [...options, '--pinentry-mode', 'loopback', '--passphrase', passphrase];
    await this.gnupg.gpg([...quiet, '--quick-generate-key', '--', userId, algorithm, usage, expires]);
    const found = (await this.gnupg.list()).find(({ userIds }) => userIds.includes(userId));
    return (found?.fingerprint ?? '').toUpperCase();
  }

  /** Writes a chart that nobody signed. Returns its path. */
  async unsigned(name: string, fileName = `${name}-0.1.0.tgz`, chartYaml?: string): Promise<string> {
    return await this.write(fileName, await chartArchive(name, '0.1.0', chartYaml));
  }

  get env(): Record<string, string> {
    const programs = join(this.directory, 'programs');
    const PATH = `${programs}${delimiter}${process.env['PATH'] ?? ''}`;
    return { PATH, GNUPGHOME: this.gnupg.path, HELM_BIN: join(programs, 'helm') };
  }

  async sign(argv: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
    return await runProgram(['sign', ...argv], { env: this.env, home: this.directory, ...surroundings });
  }

  /** What `inspect` says with the public keys of the home: its exit status. */
  async inspect(path: string): Promise<number> {
    const keyring = await this.write('public.gpg', await this.gnupg.gpg(['--export']));
    return (await runProgram(['inspect', path, '--keyring', keyring], { home: this.directory })).status;
  }

  /** The text of the provenance beside a chart; undefined: there is none. */
  async provenance(path: string): Promise<string | undefined> {
    return await readFile(`${path}.prov`, 'utf8').catch(() => undefined);
  }
}

/** Where the real gpg is, in words of `sh`. */
export const REAL = '"$(PATH=${PATH#*:} command -v gpg)"';

/** Prints the first file of an archive, and an empty line. */
const HELM = 'tar -xzOf "$3" "$(tar -tzf "$3" | head -n 1)" && echo\n';
