import { MalformedError } from '../../errors.ts';
import { algorithmName } from '../../openpgp/algorithms.ts';
import { keysOf, type Certificate } from '../../openpgp/certificate.ts';
import type { KeyPacket } from '../../openpgp/key-packet.ts';
import type { Signer } from '../../openpgp/key-lifetime.ts';
import { judgeSignerAt } from '../../openpgp/signer-at.ts';
import { verifySelfSignatures } from '../../openpgp/self-signatures.ts';
import { isIssuedBy, newest } from '../../openpgp/signature-packet.ts';
import { whyInvalid } from '../../openpgp/signature-validity.ts';
import { verifyBinding } from '../../openpgp/subkey-binding.ts';
import { splitCleartext } from '../../provenance/cleartext.ts';
import { parseDocument } from '../../provenance/document.ts';
import { parseProvenance, type Provenance } from '../../provenance/provenance.ts';
import { verifyProvenance } from '../../provenance/verify.ts';
import { canonicalBody } from '../../rekor/helm-entry.ts';
import { UnacceptableEntry, type SubmittedEntry } from './proposed-entry.ts';
import { ENTRY_LIMIT } from '../tiles/entry-bundle.ts';
import { KnownKeys } from './known-keys.ts';
import { countLines, LIMITS } from '../limits.ts';
import type { Candidate } from '../journal/record.ts';
import { keyIndexKeys, parseSubmittedKey } from './submitted-key.ts';

/** An entry that may be logged. */
export interface AcceptedEntry extends Candidate {
  /** The primary fingerprint of the certificate whose key made the signature, whatever others are in the entry. */
  readonly signer: string;
}

/**
 * The leaf of a proposed entry, if it may be logged: one of the keys made the signature, and was good at that
 * time. It judges as Rekor 1.5.4 does, and with the same messages. It is stricter than Rekor where a chart
 * could not be verified later: it refuses weak algorithms, and a provenance that is not exactly of the form
 * that Helm writes, with one signature and one file.
 * @param known what is remembered of other entries; it changes no judgement
 * @throws UnacceptableEntry with the reason
 */
export async function acceptEntry(
  { publicKey, provenance: bytes }: SubmittedEntry,
  known = new KnownKeys(),
): Promise<AcceptedEntry> {
  const before = known.find(publicKey);
  const key = before ?? parseSubmittedKey(publicKey);
  const provenance = readProvenance(bytes);
  const [file, ...others] = provenance.document.files;
  // Of two digests, Rekor would pick one at random.
  if (file === undefined || others.length > 0)
    throw new UnacceptableEntry(`expected a provenance of one file, found ${others.length + 1}`);
  const body = canonicalBody({
    sha256: file.sha256,
    signatureBytes: provenance.signatureBytes,
    certificateBytes: key.bytes,
  });
  if (body.length > ENTRY_LIMIT)
    throw new UnacceptableEntry(
      `expected an entry of at most ${ENTRY_LIMIT} bytes, which tiles can hold, found ${body.length}: send a smaller key`,
    );
  const signer = await requireGoodSignature(provenance, key.certificates);
  const indexKeys = before?.indexKeys ?? keyIndexKeys(key);
  if (before === undefined) known.keep(publicKey, { ...key, indexKeys });
  return { signer, body, indexKeys: [`sha256:${file.sha256}`, ...indexKeys] };
}

function readProvenance(bytes: Uint8Array): Provenance {
  const lines = countLines(bytes);
  if (lines > LIMITS.provenanceLines)
    throw new UnacceptableEntry(
      `expected a provenance of at most ${LIMITS.provenanceLines} lines, found ${lines}`,
    );
  return orRefuse(
    () => parseProvenance(bytes),
    (why) => whyUnreadable(bytes, why),
  );
}

/** In Rekor's words, which tell in which part something is wrong. */
function whyUnreadable(bytes: Uint8Array, why: string): string {
  const { text } = orRefuse(
    () => splitCleartext(bytes),
    () => 'unable to decode provenance file',
  );
  orRefuse(
    () => parseDocument(text),
    (reason) => `error occurred parsing message block: ${reason}`,
  );
  return `invalid PGP signature: ${why}`;
}

function orRefuse<T>(parse: () => T, message: (why: string) => string): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedError) throw new UnacceptableEntry(message(error.message));
    throw error;
  }
}

/** Returns the primary fingerprint of the signer. */
async function requireGoodSignature(
  provenance: Provenance,
  certificates: readonly Certificate[],
): Promise<string> {
  const { signature, signedBytes } = provenance;
  const candidates = certificates.filter((certificate) => issuerIn(certificate, provenance) !== undefined);
  const [first] = candidates;
  const key = first && issuerIn(first, provenance);
  if (key === undefined) throw new UnacceptableEntry('openpgp: signature made by unknown entity');
  // Rekor judges the key only at the time of the signature.
  const verdict = await verifyProvenance(
    provenance,
    candidates.map((certificate) => ({ certificate, revokers: certificates })),
    { now: signature.created },
  );
  if (!verdict.ok) {
    const isForged = (await whyInvalid(signature, key, { data: signedBytes })) !== undefined;
    const [family = ''] = algorithmName(key).split(' ');
    const reason = isForged ? `${family} verification failure` : verdict.reason;
    throw new UnacceptableEntry(`openpgp: invalid signature: ${reason}`);
  }
  await requireGoodKey(verdict.signer, verdict.certificate, signature.created);
  return verdict.signer.primaryFingerprint;
}

async function requireGoodKey(signer: Signer, certificate: Certificate, time: number): Promise<void> {
  if (!signer.maySign) throw new UnacceptableEntry('openpgp: signature made by unknown entity');
  const revocations = [signer.primary, signer.signing].flatMap((key) => key.revocations);
  if (revocations.some(({ hard, at }) => hard || at <= time))
    throw new UnacceptableEntry('openpgp: signature made by revoked key');
  if (!judgeSignerAt(signer, time).ok) throw new UnacceptableEntry('openpgp: key expired');
  for (const vouching of await newestVouchers(signer, certificate))
    if (vouching > time) throw new UnacceptableEntry('openpgp: signature expired');
}

/**
 * The times of the newest signatures that vouch for the signer. Rekor ignores older ones. So for a key that
 * was renewed after it signed a chart, Rekor says that a signature expired.
 */
async function newestVouchers(signer: Signer, certificate: Certificate): Promise<readonly number[]> {
  // The signer is the same object for the same key of the same certificate: see `assessCertificate`.
  const known = vouchers.get(signer) ?? (await findVouchers(signer, certificate));
  vouchers.set(signer, known);
  return known;
}

const vouchers = new WeakMap<Signer, readonly number[]>();

async function findVouchers(signer: Signer, certificate: Certificate): Promise<number[]> {
  const { userIds, direct } = await verifySelfSignatures(certificate);
  const subkey = certificate.subkeys.find(({ key }) => key.fingerprint === signer.signingFingerprint);
  const newestOfEach = [
    userIds[0]?.certification ?? newest(direct),
    subkey && (await verifyBinding(subkey, certificate)),
  ];
  return newestOfEach.map((signature) => signature?.created ?? 0);
}

function issuerIn(certificate: Certificate, { signature }: Provenance): KeyPacket | undefined {
  return keysOf(certificate).find((key) => isIssuedBy(signature, key));
}
