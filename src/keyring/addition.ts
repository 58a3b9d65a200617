import { equalBytes } from '../encoding.ts';
import { InputError, MalformedError, RejectedError } from '../errors.ts';
import { holdsRevocation, readCertificates, type Certificate } from '../openpgp/certificate.ts';
import { assessCertificate } from '../openpgp/key-lifetime.ts';
import { keyIdOf } from '../openpgp/key-packet.ts';
import { mergePackets } from '../openpgp/merged-packets.ts';
import { withRevocationsOf } from '../openpgp/revocation-copies.ts';
import type { RevocationPacket } from '../openpgp/revocation-packet.ts';
import { FloodedCertificateError } from '../openpgp/unjudged-certificate.ts';
import { openKeyring, type Keyring, type KnownSigner } from './keyring.ts';
import { listKeys, type ListedCertificate } from './listing.ts';
import type { KeyringSource } from './source.ts';

/** What comes of adding a copy of a certificate to what is kept of it. */
export interface Addition {
  readonly fingerprint: string;
  /** The whole certificate: what was kept, and what the copy adds. */
  readonly packets: Uint8Array;
  /** What was kept says of the key; undefined: nothing was kept. */
  readonly before: ListedCertificate | undefined;
  readonly after: ListedCertificate;
  /** Whether the copy has anything that was not kept. */
  readonly isNew: boolean;
  /** Whether a revocation counts that the copy does not have. */
  readonly copyLacksRevocation: boolean;
}

/** The certificates in files of keys. @throws InputError if one holds no keys */
export async function certificatesIn(sources: readonly KeyringSource[]): Promise<ListedCertificate[]> {
  const certificates: ListedCertificate[] = [];
  for await (const each of listKeys(openKeyring(sources).all(), [])) certificates.push(each);
  return certificates;
}

/**
 * Merges the certificates with these primary fingerprints in a file with what is kept of them. Nothing that was known
 * is lost: an older copy without a revocation changes nothing.
 * @param source its bytes are overwritten where they hold secret keys
 * @param kept files of `keys add`
 * @throws RejectedError if one of the keys is not in the file
 * @throws InputError if the file is damaged, or a copy is of no use
 */
export async function additionsOf(
  fingerprints: readonly string[],
  source: KeyringSource,
  kept: readonly KeyringSource[],
): Promise<Addition[]> {
  const given = openKeyring([{ ...source, bytes: Uint8Array.from(source.bytes) }]);
  const present = openKeyring(kept);
  const together = openKeyring([...kept, source]);
  const additions: Addition[] = [];
  for (const fingerprint of fingerprints) {
    const whole = ownerIn(together, fingerprint);
    const packets = whole && (await packetsOfAll(whole, [present, given], source.place));
    const added = packets && (await compare(fingerprint, packets, present, given, source.place));
    if (added === undefined) throw notThere(fingerprint, source.place, given);
    additions.push(added);
  }
  return additions;
}

/** Octets: GnuPG's own limit for one key. */
const CERTIFICATE_LIMIT = 5 * 1024 * 1024;

/** The certificate of this primary key, with revocations from anywhere in the files. */
function ownerIn(keyring: Keyring, fingerprint: string): KnownSigner | undefined {
  return keyring
    .find({ fingerprint, keyId: keyIdOf(fingerprint) })
    .find(({ certificate }) => certificate.primary.fingerprint === fingerprint);
}

/**
 * The packets of all copies. A revocation that stands somewhere else in a file goes along if it counts for this key:
 * behind the key, it would count also if nobody could tell what it revokes.
 */
async function packetsOfAll(
  { certificate, revokers }: KnownSigner,
  keyrings: readonly Keyring[],
  place: string,
): Promise<Uint8Array> {
  const { fingerprint } = certificate.primary;
  const strays = certificate.revocations.filter(({ isStray }) => isStray === true);
  const others = certificate.revocations.filter(({ isStray }) => isStray !== true);
  const merge = async (): Promise<Uint8Array> => {
    const base = { ...certificate, revocations: others };
    const nothing = { primary: certificate.primary, signatures: [], userIds: [], subkeys: [] };
    const counted = await withRevocationsOf(base, [{ ...nothing, revocations: strays }], revokers);
    const copies = keyrings.flatMap((keyring) => keyring.packets(fingerprint));
    const packets = mergePackets(
      copies,
      revocationsOf(counted).map(({ body }) => body),
    );
    if (packets.length <= CERTIFICATE_LIMIT) return packets;
    throw new MalformedError(`the key ${fingerprint} has more than ${CERTIFICATE_LIMIT} bytes`);
  };
  return await malformedAt(place, merge());
}

/** @throws InputError that names the file in place of a MalformedError */
async function malformedAt<T>(place: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InputError(`cannot keep the key in ${place}: ${error.message}`, GET_ANOTHER, { cause: error });
  }
}

function revocationsOf({ revocations, userIds, subkeys }: Certificate): RevocationPacket[] {
  return [{ revocations }, ...userIds, ...subkeys].flatMap((part) => part.revocations);
}

/** Undefined: the file says nothing of the key. @throws InputError if the key is of no use */
async function compare(
  fingerprint: string,
  packets: Uint8Array,
  present: Keyring,
  given: Keyring,
  place: string,
): Promise<Addition | undefined> {
  const kept = mergePackets(present.packets(fingerprint));
  const copies = given.packets(fingerprint);
  const isNew = !equalBytes(packets, kept);
  if (!isNew && copies.length === 0) return undefined;
  const after = await listingOf(packets, place);
  if (after === undefined) return undefined;
  if (after.problem !== undefined && !(await malformedAt(place, isWorthKeeping(packets))))
    throw new InputError(`the key ${fingerprint} in ${place} cannot be used: ${after.problem}`, GET_ANOTHER);
  const before = await listingOf(kept, place);
  const copy = await listingOf(mergePackets(copies), place);
  const copyLacksRevocation = copy?.problem === undefined && countOf(copy) < countOf(after);
  return { fingerprint, packets, before, after, isNew, copyLacksRevocation };
}

async function listingOf(packets: Uint8Array, place: string): Promise<ListedCertificate | undefined> {
  return (await certificatesIn([{ place, bytes: packets }]))[0];
}

/** How many revocations count; of a file without the key as many as anybody wants. */
function countOf(certificate: ListedCertificate | undefined): number {
  if (certificate === undefined) return Infinity;
  return [certificate, ...certificate.subkeys].flatMap(({ revocations }) => revocations).length;
}

/**
 * Whether a certificate of which no signature can count is kept: it is if it may revoke something, also of a copy in
 * another keyring. What is flooded is not, because nobody could use the key any more.
 * @throws MalformedError if it is flooded
 */
async function isWorthKeeping(packets: Uint8Array): Promise<boolean> {
  const [certificate] = readCertificates(packets);
  if (certificate === undefined) return false;
  try {
    await assessCertificate(certificate, certificate.primary.fingerprint, []);
  } catch (error) {
    if (error instanceof FloodedCertificateError || !(error instanceof MalformedError)) throw error;
  }
  return holdsRevocation(certificate);
}

function notThere(fingerprint: string, place: string, given: Keyring): RejectedError {
  const found = Array.from(given.all(), ({ certificate }) => certificate.primary.fingerprint.toUpperCase());
  const more = found.length > MOST_SHOWN ? ` and ${found.length - MOST_SHOWN} more` : '';
  return new RejectedError(
    `expected the key ${fingerprint.toUpperCase()} in ${place}, found ${found.slice(0, MOST_SHOWN).join(', ') || 'no key'}${more}`,
    'nothing was added; ask the publisher, by another way than this file, for the fingerprint of their primary key',
  );
}

const MOST_SHOWN = 10;
const GET_ANOTHER = 'nothing was added; get the whole key from its publisher';
