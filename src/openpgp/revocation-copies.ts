import { hash } from 'node:crypto';
import { MalformedError } from '../errors.ts';
import type { Certificate, UserId } from './certificate.ts';
import { mergeCertificates } from './merged-certificate.ts';
import { octetText } from './octets.ts';
import { findRevocations, type Revokers } from './revocation.ts';
import { asStray, type RevocationPacket } from './revocation-packet.ts';
import { verifySelfSignatures, type SelfSignatures } from './self-signatures.ts';
import { signatureType } from './signature-packet.ts';
import type { CertifiedObject } from './signed-object.ts';
import { Allowance } from './tries.ts';

/**
 * The certificate with the further revocations that count from other copies of it. Nothing else is taken from
 * these: a copy that came with what is being judged must not vouch for it. Whoever stole an expired key can
 * sign a longer life for it, but gains nothing by revoking it. Without a further revocation the result is the
 * certificate itself.
 * @param designatedRevokers certificates at hand that may hold the keys of designated revokers
 * @throws MalformedError when the copies hold more revocations than anybody needs: each costs a verification
 * @throws FloodedCertificateError when these and the copies before hold more forged ones than are tried
 */
export async function withRevocationsOf(
  certificate: Certificate,
  copies: readonly Certificate[],
  designatedRevokers: readonly Certificate[],
): Promise<Certificate> {
  const own = indexOf(certificate);
  const foreign = foreignIn(copies, own);
  if (foreign.length === 0) return certificate;
  own.selfSignatures ??= verifySelfSignatures(certificate);
  const judges: Revokers = {
    primary: certificate.primary,
    designated: (await own.selfSignatures).revokers,
    certificates: designatedRevokers,
    allowance: new Allowance(TRIES_OF_ALL, own.reserve),
  };
  const counting: HeldRevocation[] = [];
  for (const each of foreign) counting.push(...(await placesOf(each, own, judges)));
  return counting.length === 0 ? certificate : revokedBy(certificate, counting, own);
}

/** One for each key, each reason and each revoker would be a dozen. */
const MAX_FOREIGN_REVOCATIONS = 100;

/** How many are tried for every entry. An honest one needs no more; ten thousand take a few seconds. */
const TRIES_OF_ALL = 4;
/** How many more are tried for all entries together. */
const TRIES_IN_RESERVE = 1000;
/** Revoked certificates that are remembered. */
const MAX_REMEMBERED = 100;

/** A revocation, and what it is of. */
interface HeldRevocation {
  readonly packet: RevocationPacket;
  readonly over: CertifiedObject;
}

/** A revocation in a copy, and what it stands behind there, unless this type cannot revoke that. */
interface ForeignRevocation {
  readonly packet: RevocationPacket;
  readonly behind: CertifiedObject | undefined;
}

/** What copies are compared with. It is kept, because thousands of entries may hold one certificate. */
interface Index {
  /** What each type of revocation may be of. */
  readonly revocable: ReadonlyMap<number, readonly CertifiedObject[]>;
  readonly userIds: ReadonlyMap<string, UserId>;
  /** Digests of the revocations that the certificate itself holds. */
  readonly revocations: ReadonlySet<string>;
  readonly reserve: Allowance;
  selfSignatures?: Promise<SelfSignatures>;
  /** The certificate with further revocations, by their names. */
  readonly revoked: Map<string, Certificate>;
}

const indexes = new WeakMap<Certificate, Index>();

function indexOf(certificate: Certificate): Index {
  const known = indexes.get(certificate);
  if (known) return known;
  const { primary, userIds, subkeys } = certificate;
  const index: Index = {
    revocable: new Map<number, readonly CertifiedObject[]>([
      [signatureType.keyRevocation, [{ primary }]],
      [signatureType.subkeyRevocation, subkeys.map(({ key }) => ({ primary, subkey: key }))],
      [signatureType.certificationRevocation, userIds.map(({ bytes }) => ({ primary, userId: bytes }))],
    ]),
    userIds: new Map(userIds.map((userId) => [octetText(userId.bytes), userId])),
    revocations: new Set(revocationsIn(certificate).map(({ packet }) => digestOf(packet))),
    reserve: new Allowance(TRIES_IN_RESERVE),
    revoked: new Map(),
  };
  indexes.set(certificate, index);
  return index;
}

/** The revocations that are in the copies alone, each once. @throws MalformedError if they are too many */
function foreignIn(copies: readonly Certificate[], { revocations }: Index): readonly ForeignRevocation[] {
  const foreign = new Map<string, ForeignRevocation>();
  for (const copy of copies)
    for (const each of revocationsIn(copy)) {
      const name = digestOf(each.packet);
      if (revocations.has(name)) continue;
      foreign.set(name, each);
      if (foreign.size > MAX_FOREIGN_REVOCATIONS)
        throw new MalformedError(`a copy of the key ${copy.primary.fingerprint} holds too many revocations`);
    }
  return [...foreign.values()];
}

function revocationsIn({ primary, revocations, userIds, subkeys }: Certificate): ForeignRevocation[] {
  const hold = (packets: readonly RevocationPacket[], over: CertifiedObject): ForeignRevocation[] =>
    packets.map((packet) => ({ packet, behind: over }));
  return [
    ...revocations.map((packet) => ({
      packet,
      behind: packet.type === signatureType.keyRevocation ? { primary } : undefined,
    })),
    ...subkeys.flatMap(({ key, revocations }) => hold(revocations, { primary, subkey: key })),
    ...userIds.flatMap(({ bytes, revocations }) => hold(revocations, { primary, userId: bytes })),
  ];
}

/** The parts of the certificate that the revocation revokes, or may revoke. What it stands behind is tried first. */
async function placesOf(
  { packet, behind }: ForeignRevocation,
  { revocable }: Index,
  judges: Revokers,
): Promise<HeldRevocation[]> {
  const counts = async (of: RevocationPacket, over: CertifiedObject): Promise<boolean> =>
    (await findRevocations([of], over, judges)).length > 0;
  const all = revocable.get(packet.type) ?? [];
  if (behind && (await counts(packet, behind)))
    return all.some((each) => isSame(each, behind)) ? [{ packet, over: behind }] : [];
  const elsewhere = behind ? asStray(packet) : packet;
  const places: HeldRevocation[] = [];
  for (const over of all) if (await counts(elsewhere, over)) places.push({ packet, over });
  return places;
}

function revokedBy(
  certificate: Certificate,
  counting: readonly HeldRevocation[],
  { revoked, userIds }: Index,
): Certificate {
  const name = counting.map(nameOf).sort().join();
  const known = revoked.get(name);
  if (known) return known;
  if (revoked.size >= MAX_REMEMBERED) revoked.clear();
  const copies = counting.map(({ packet, over: { primary, subkey, userId } }): Certificate => {
    const held = { signatures: [], revocations: [packet] };
    const nothing = { primary, signatures: [], revocations: [], userIds: [], subkeys: [] };
    if (subkey !== undefined) return { ...nothing, subkeys: [{ key: subkey, ...held }] };
    const named = userId && userIds.get(octetText(userId));
    if (named !== undefined) return { ...nothing, userIds: [{ ...named, ...held }] };
    return { ...nothing, ...held };
  });
  const merged = mergeCertificates([certificate, ...copies]);
  revoked.set(name, merged);
  return merged;
}

function isSame(a: CertifiedObject, b: CertifiedObject): boolean {
  return whatIs(a) === whatIs(b);
}

function nameOf({ packet, over }: HeldRevocation): string {
  return hash('sha256', `${whatIs(over)} ${octetText(packet.body)}`, 'base64');
}

function whatIs({ subkey, userId }: CertifiedObject): string {
  return subkey?.fingerprint ?? (userId ? octetText(userId) : '');
}

function digestOf({ body }: RevocationPacket): string {
  return hash('sha256', body, 'base64');
}
