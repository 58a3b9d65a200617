import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';

/** The GnuPG of this machine, if it has one: what `gpg --version` says. Without it tests are skipped, and say so. */
export const gnupg: string | undefined = /^gpg \(GnuPG\) (\S+)/.exec(
  spawnSync('gpg', ['--version'], { encoding: 'utf8' }).stdout,
)?.[1];

/** A key as `gpg --with-colons --list-keys` shows it. Times in seconds since 1970. */
export interface GpgKey {
  readonly fingerprint: string;
  readonly keyId: string;
  readonly isRevoked: boolean;
  readonly algorithm: string;
  readonly created: number;
  readonly expires: number | undefined;
  readonly maySign: boolean;
  /** Without those that are revoked. */
  readonly userIds: readonly string[];
  readonly signingSubkeys: readonly Omit<GpgKey, 'keyId' | 'userIds' | 'signingSubkeys'>[];
}

/** A throw-away home of the real gpg. */
export class GnupgHome {
  private constructor(readonly path: string) {}

  static async create(): Promise<GnupgHome> {
    const path = await mkdtemp(join(tmpdir(), 'gnupg-'));
    await chmod(path, 0o700);
    return new GnupgHome(path);
  }

  /** Runs gpg and returns its stdout. */
  async gpg(args: readonly string[]): Promise<Buffer> {
    const common = ['--homedir', this.path, '--batch', '--yes', '--quiet'];
    const options = { encoding: 'buffer', maxBuffer: 1 << 26 } as const;
    return (await promisify(execFile)('gpg', [...common, ...args], options)).stdout;
  }

  /** Runs gpg on secret keys, which starts an agent. */
  async gpgWithSecrets(args: readonly string[]): Promise<Buffer> {
    return await this.gpg(['--pinentry-mode', 'loopback', '--passphrase', '', ...args]);
  }

  /** Imports public keys, without an agent. */
  async import(file: string, options: readonly string[] = []): Promise<void> {
    await this.gpg([...options, '--no-autostart', '--import', file]);
  }

  /** The keys of the home, or of what the options name. */
  async list(options: readonly string[] = []): Promise<GpgKey[]> {
    const listing = await this.gpg([...options, '--no-autostart', '--with-colons', '--list-keys']);
    return parseListing(listing.toString());
  }

  /** Ends what gpg started. */
  async stop(): Promise<void> {
    await promisify(execFile)('gpgconf', ['--homedir', this.path, '--kill', 'all']);
    for (let tries = 0; tries < 100 && (await processesWith(this.path)).length > 0; tries++) await wait(20);
  }

  /** The same, and removes the home. */
  async remove(): Promise<void> {
    await this.stop();
    await rm(this.path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The command lines of running processes that name the path; empty where there is no /proc. */
export async function processesWith(path: string): Promise<string[]> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^[0-9]+$/.test(name));
  const lines = await Promise.all(
    ids.map((id) => readFile(join('/proc', id, 'cmdline'), 'utf8').catch(() => '')),
  );
  return lines.map((line) => line.replaceAll('\0', ' ').trim()).filter((line) => line.includes(path));
}

function parseListing(listing: string): GpgKey[] {
  const records = listing.split('\n').map((line) => line.split(':'));
  const starts = records.flatMap(([type], index) => (type === 'pub' ? [index] : []));
  return starts.map((start, number) => parseKey(records.slice(start, starts[number + 1])));
}

/** Format: GnuPG, doc/DETAILS. */
function parseKey(records: readonly string[][]): GpgKey {
  const keys = records.flatMap((fields, index) =>
    fields[0] === 'pub' || fields[0] === 'sub' ? [{ fields, fingerprint: records[index + 1]?.[9] }] : [],
  );
  const [primary, ...subkeys] = keys.map(({ fields, fingerprint = '' }) => ({
    fingerprint: fingerprint.toLowerCase(),
    isRevoked: fields[1] === 'r',
    algorithm: algorithmOf(fields),
    created: Number(fields[5]),
    expires: fields[6] ? Number(fields[6]) : undefined,
    maySign: (fields[11] ?? '').includes('s'),
  }));
  if (primary === undefined) throw new Error('gpg listed no key');
  return {
    ...primary,
    keyId: (records[0]?.[4] ?? '').toLowerCase(),
    userIds: records
      // On a key that is revoked, every user ID is shown as revoked.
      .filter(([type, validity]) => type === 'uid' && (validity !== 'r' || primary.isRevoked))
      .map((fields) =>
        (fields[9] ?? '').replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
          String.fromCharCode(parseInt(hex, 16)),
        ),
      ),
    signingSubkeys: subkeys.filter(({ maySign }) => maySign),
  };
}

function algorithmOf(fields: readonly string[]): string {
  const [bits = '', algorithm, curve = ''] = [fields[2], fields[3], fields[16]];
  if (algorithm === '1') return `RSA ${bits}`;
  if (algorithm === '17') return `DSA ${bits}`;
  if (algorithm === '19') return `ECDSA ${curve.replace('nistp', 'P-')}`;
  return algorithm === '22' ? 'Ed25519' : `${algorithm ?? ''} ${curve}`;
}
