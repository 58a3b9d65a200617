import { excerpt } from '../encoding.ts';
import { InputError, UsageError, type Hint } from '../errors.ts';
import type { EndedProgram } from '../files/child-program.ts';
import { said, type Gpg } from './gpg.ts';
import { parseSecretKeys, type SecretCertificate, type SecretKey } from './secret-keys.ts';

/** Which key of gpg signs. */
export interface ChosenKey {
  readonly certificate: SecretCertificate;
  /** The primary key of it, or a subkey. */
  readonly key: SecretKey;
}

/**
 * The key that signs: the one that a user names, or the one that gpg itself would take. A subkey comes before the primary key,
 * and a later one before an earlier one, as gpg has it.
 * @param named a fingerprint, of a certificate or of one key in it, or anything else by which gpg finds keys
 * @throws UsageError if there are several keys of that name
 * @throws InputError if there is none, or gpg cannot be asked
 */
export async function chooseKey(gpg: Gpg, named: string | undefined): Promise<ChosenKey> {
  return named === undefined ? await defaultKey(gpg) : await namedKey(gpg, named);
}

async function namedKey(gpg: Gpg, named: string): Promise<ChosenKey> {
  const fingerprint = fingerprintIn(named);
  const { certificates, ended } = await secretKeys(gpg, ['--', fingerprint ?? named]);
  const [certificate] = certificates;
  if (certificate === undefined)
    throw new InputError(`gpg has no secret key for --key ${excerpt(named)}${said(ended)}`, WHICH_KEYS);
  if (certificates.length > 1) throw ambiguous(named, certificates);
  const own = [certificate.primary, ...certificate.subkeys].find((key) => key.fingerprint === fingerprint);
  // The fingerprint of a certificate is that of its primary key: a subkey of it may sign all the same.
  const isExact = named.endsWith('!') || own !== certificate.primary;
  return { certificate, key: own !== undefined && isExact ? own : signingKeyOf(certificate) };
}

/** What gpg takes if it is not told: what its configuration says, else the first that can sign. */
async function defaultKey(gpg: Gpg): Promise<ChosenKey> {
  for (const configured of await configuredKeys(gpg)) {
    const { certificates } = await secretKeys(gpg, ['--', fingerprintIn(configured) ?? configured]);
    if (certificates.length > 0) return await namedKey(gpg, configured);
  }
  const { certificates, ended } = await secretKeys(gpg, []);
  const chosen = certificates.map((certificate) => ({ certificate, key: signingKeyOf(certificate) }));
  const good = chosen.find(({ key }) => key.isUsable && key.maySign) ?? chosen[0];
  if (good === undefined) throw new InputError(`gpg has no secret key to sign with${said(ended)}`, MAKE_KEY);
  return good;
}

/** The values of `default-key` in the configuration of gpg; of several, gpg takes the last that it has. */
async function configuredKeys(gpg: Gpg): Promise<string[]> {
  // Without gpgconf gpg may still sign.
  const ended = await gpg.ask(['--list-options', 'gpg'], 'gpgconf').catch(() => undefined);
  const line = ended?.printed.split('\n').find((each) => each.startsWith('default-key:'));
  const value = line?.split(':')[9] ?? '';
  const values = value.split(',').filter((each) => each.startsWith('"'));
  return values.map((each) => percentDecoded(each.slice(1))).reverse();
}

function percentDecoded(text: string): string {
  return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

async function secretKeys(
  gpg: Gpg,
  words: readonly string[],
): Promise<{ readonly certificates: SecretCertificate[]; readonly ended: EndedProgram }> {
  const ended = await gpg.ask([...LISTING, ...words]);
  return { certificates: parseSecretKeys(ended.printed), ended };
}

const LISTING = ['--batch', '--no-tty', '--with-colons', '--fixed-list-mode', '--list-secret-keys'];

/** The key of a certificate that gpg would sign with; if it would not, the one that comes nearest, for a judge to say why. */
function signingKeyOf({ primary, subkeys }: SecretCertificate): SecretKey {
  const newestFirst = [...subkeys].sort((a, b) => b.created - a.created);
  const keys = [...newestFirst, primary].filter(({ maySign }) => maySign);
  return keys.find(({ isUsable }) => isUsable) ?? keys[0] ?? primary;
}

/** The fingerprint in a word, as people write it: in groups, with `0x`, or with the `!` by which gpg takes that very key. */
function fingerprintIn(word: string): string | undefined {
  const hex = word.replace(/\s|^0x|!$/g, '').toLowerCase();
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(hex) ? hex : undefined;
}

function shown({ primary, userIds }: SecretCertificate): string {
  return `${primary.fingerprint.toUpperCase()} ${excerpt(userIds[0] ?? 'without a user ID')}${primary.isUsable ? '' : ' (not usable)'}`;
}

function ambiguous(named: string, certificates: readonly SecretCertificate[]): UsageError {
  const all = certificates.slice(0, MOST_SHOWN).map(shown).join('; ');
  const more = certificates.length > MOST_SHOWN ? `; and ${certificates.length - MOST_SHOWN} more` : '';
  return new UsageError(
    `expected --key to name one key, but ${excerpt(named)} stands for ${certificates.length}: ${all}${more}`,
    'name the key by its whole fingerprint',
  );
}

/** Of keys in a message. */
const MOST_SHOWN = 5;

const WHICH_KEYS: Hint = { publisher: 'gpg --list-secret-keys shows which keys it has' };
const MAKE_KEY: Hint = {
  publisher:
    'gpg --quick-generate-key "Name <address>" rsa4096 sign 2y makes one; GNUPGHOME says where its keys are',
};
