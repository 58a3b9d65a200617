import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Sha256 } from '../digest.ts';
import { encodeHex } from '../encoding.ts';
import { InputError, messageOf, UsageError } from '../errors.ts';
import type { SignatureFacts } from '../evidence/library-verdict.ts';
import { tryEnvelope } from '../evidence/signed-bytes.ts';
import type { SigstoreBundle } from '../evidence/sigstore-bundle.ts';
import { parseSignatureEntry } from '../rekor/signature-entry.ts';
import type { Context, RunContext } from '../run/context.ts';
import { sigstoreTrustOf } from '../run/sigstore-trust.ts';
import { spellingOf } from '../settings/options.ts';
import type { TrustOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import type { SigstoreTrust } from '../trust/sigstore-trust.ts';
import type { BundleEvidence } from '../verification/bundle-evidence.ts';
import type { CheckId } from '../verification/checks.ts';
import { judgeLoneBundle, notMadeOf, type LoneBundle } from '../verification/lone-bundle.ts';
import { holdingFirst } from './check-evidence.ts';
import { bundlesIn, certificateOf } from './judge-bundle-file.ts';

/** What a file of Sigstore bundles comes to by itself. */
export interface CheckedBundles {
  /** As the user named it. */
  readonly path: string;
  /** Those that hold come first. */
  readonly bundles: readonly LoneBundle[];
  /** Where the trusted root comes from, for people. */
  readonly trustedBy: string;
  /** What only `verify` checks, with the chart. */
  readonly notChecked: readonly CheckId[];
}

/**
 * Judges Sigstore bundles by themselves, without the file that they are about and without asking anybody.
 * @param bytes of the file at the path
 * @throws UsageError if a key of a log is named, by which no bundle is judged
 * @throws InputError if a bundle or the trusted root is malformed, or cannot be read
 */
export async function checkBundles(
  path: string,
  bytes: Uint8Array,
  settings: Settings<TrustOption>,
  context: Context & Pick<RunContext, 'policy'>,
): Promise<CheckedBundles> {
  const named = (['rekorServer', 'rekorPublicKey'] as const).find((option) => settings.isGiven(option));
  if (named !== undefined)
    throw new UsageError(
      `${path} is a Sigstore bundle, which is judged by a trusted root, but found ${spellingOf(named)}`,
      'leave it out; --trusted-root names the root of another Sigstore than the public one',
    );
  const { trust, detail } = await sigstoreTrustOf(settings, context);
  const judged: LoneBundle[] = [];
  for (const bundle of bundlesIn(bytes, path))
    judged.push(await judgeLoneBundle(await loneEvidence(bundle, path, trust, context.now())));
  return {
    path,
    bundles: holdingFirst(judged),
    trustedBy: detail,
    notChecked: notMadeOf(judged),
  };
}

/** All that a bundle is judged by, where the file is not there: what it says of that, and the key that its entry has. */
async function loneEvidence(
  bundle: SigstoreBundle,
  place: string,
  trust: SigstoreTrust,
  now: number,
): Promise<BundleEvidence> {
  const { judgeByLibrary } = await import('../evidence/sigstore-library.ts');
  const certificate = await certificateOf(bundle, place);
  const key = certificate?.publicKey ?? keyInEntry(bundle, place);
  const signed = factsOf(bundle, key);
  return {
    bundle,
    sha256: encodeHex(signed.digest) as Sha256,
    signed,
    library: judgeByLibrary(bundle, signed, trust, certificate === undefined ? key : undefined),
    certificate,
    trust,
    identities: [],
    predicateTypes: undefined,
    now,
  };
}

function factsOf({ content }: SigstoreBundle, key: KeyObject): SignatureFacts {
  if (content.kind === 'envelope') return tryEnvelope(content, key);
  return { key, holds: false, untried: 'the file is not there', digest: content.digest.value };
}

/** The key that the entry names: who has it, nobody says. @throws InputError if it holds none */
function keyInEntry({ entry }: SigstoreBundle, place: string): KeyObject {
  try {
    const { verifier } = parseSignatureEntry(entry.body, entry);
    if (verifier.kind === 'key')
      return createPublicKey({ key: Buffer.from(verifier.der), format: 'der', type: 'spki' });
  } catch (error) {
    throw new InputError(`${place}: ${messageOf(error)}`);
  }
  throw new InputError(`${place}: it is signed by a key, and its entry holds a certificate`);
}
