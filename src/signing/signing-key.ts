import { InputError, MalformedError, type Hint } from '../errors.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { KeyringSource } from '../keyring/source.ts';
import { algorithmName, weaknessOfKey } from '../openpgp/algorithms.ts';
import { keysOf, type Certificate } from '../openpgp/certificate.ts';
import type { KeyPacket } from '../openpgp/key-packet.ts';
import { assessCertificate, type Signer } from '../openpgp/key-lifetime.ts';
import { judgeSignerAt } from '../openpgp/signer-at.ts';
import type { PossibleSigner } from '../provenance/verify.ts';
import { chooseKey } from './chosen-key.ts';
import { digestFor, type Digest } from './digest.ts';
import { said, type Gpg } from './gpg.ts';
import { helmsThatRead, type ReadingHelms } from './reading-helms.ts';

/** The key that signs the charts of a run. It was good when the run began. */
export interface GpgSigningKey {
  readonly signer: Signer;
  /** With its public key, as gpg gives it away. */
  readonly keyring: Keyring;
  readonly digest: Digest;
  readonly helms: ReadingHelms;
}

/** What a user says of the key. */
export interface KeyWishes {
  readonly named: string | undefined;
  readonly digest: Digest | undefined;
}

/**
 * The key of gpg that signs, judged as those judge it who verify charts.
 * @param openKeyring adds to its public key what the user has of it elsewhere
 * @param now seconds since 1970
 * @throws InputError if there is none, or it is expired, revoked, weak or nothing that anybody could verify
 * @throws UsageError if several keys have the name, or it signs no such digest
 */
export async function openSigningKey(
  gpg: Gpg,
  wishes: KeyWishes,
  openKeyring: (source: KeyringSource) => Promise<Keyring>,
  now: number,
): Promise<GpgSigningKey> {
  const chosen = await chooseKey(gpg, wishes.named);
  const { fingerprint } = chosen.key;
  const primary = chosen.certificate.primary.fingerprint;
  const keyring = await openKeyring(await exportKey(gpg, primary));
  const possible = keyring
    .find({ fingerprint, keyId: undefined })
    .find(({ certificate }) => certificate.primary.fingerprint === primary);
  const key = possible && keysOf(possible.certificate).find((each) => each.fingerprint === fingerprint);
  if (possible === undefined || key === undefined)
    throw new InputError(
      `the key ${fingerprint.toUpperCase()} is of a kind that charts are not verified by`,
      OTHER_KEY,
    );
  const signer = await judgedSigner(possible, key, now);
  if (!chosen.key.isUsable)
    throw new InputError(
      `gpg does not sign with the key ${fingerprint.toUpperCase()}: it is disabled, or its secret part is not here`,
      'gpg --list-secret-keys marks a key with # whose secret part is elsewhere; --key names another one',
    );
  return {
    signer,
    keyring,
    digest: digestFor(algorithmName(key), wishes.digest),
    helms: helmsThatRead(possible.certificate),
  };
}

/** Signs with it: the primary key, or that subkey. @throws InputError on a key that nobody should sign with */
async function judgedSigner(
  { certificate, revokers }: PossibleSigner,
  key: KeyPacket,
  now: number,
): Promise<Signer> {
  const weakness = weaknessOfKey(key) ?? weaknessOfKey(certificate.primary);
  if (weakness !== undefined) throw refused(weakness.reason);
  const signer = await assessed(certificate, key.fingerprint, revokers);
  const judged = judgeSignerAt(signer, now);
  if (!judged.ok) throw refused(judged.reason);
  return signer;
}

async function assessed(
  certificate: Certificate,
  fingerprint: string,
  revokers: readonly Certificate[],
): Promise<Signer> {
  try {
    return await assessCertificate(certificate, fingerprint, revokers);
  } catch (error) {
    if (error instanceof MalformedError) throw refused(error.message);
    throw error;
  }
}

function refused(reason: string): InputError {
  return new InputError(`nothing is signed with this key: ${reason}`, OTHER_KEY);
}

const OTHER_KEY: Hint = {
  publisher: 'name a key that is good today with --key; gpg --quick-set-expire prolongs one that is expired',
};

async function exportKey(gpg: Gpg, fingerprint: string): Promise<KeyringSource> {
  const ended = await gpg.ask([...EXPORT, '--', fingerprint.toUpperCase()]);
  if (ended.status !== 0 || ended.bytes.length === 0)
    throw new InputError(`gpg does not give the public key ${fingerprint.toUpperCase()}${said(ended)}`);
  return { place: 'the keys of gpg', bytes: ended.bytes };
}

const EXPORT = ['--batch', '--no-tty', '--yes', '--no-armor', '--output', '-', '--export'];
