import { createHash } from 'node:crypto';
import type { NamedBundles } from '../chart/chart-files.ts';
import { sha256Hex } from '../digest.ts';
import { equalBytes } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { parseStatement } from '../evidence/in-toto-statement.ts';
import type { SigstoreBundle } from '../evidence/sigstore-bundle.ts';
import type { SignedImage } from '../verification/bundle-evidence.ts';
import { subjectsOf } from '../verification/statement-checks.ts';

/** What a bundle signs in place of the archive of a chart. */
interface SignedInPlace {
  /** The bytes that are signed: the image manifest of the chart, or the text that names it. */
  readonly signed: Uint8Array;
  readonly manifest: Uint8Array;
  /** Whether it is the text. */
  readonly isClaim: boolean;
}

/**
 * What a bundle is to be held against in place of the archive, if it says that it signs that: the image manifest, or the text that
 * names it. It only chooses; nothing is proven by it.
 * @param sha256 of the archive
 * @returns undefined for the archive
 */
export function signedInPlace(
  { content }: SigstoreBundle,
  { manifest, claim }: Pick<NamedBundles, 'manifest' | 'claim'>,
  sha256: string,
): SignedInPlace | undefined {
  if (manifest === undefined) return undefined;
  const ofManifest = { signed: manifest, manifest, isClaim: false };
  if (content.kind === 'message') {
    const { algorithm, value } = content.digest;
    const isOver = (bytes: Uint8Array) => equalBytes(createHash(algorithm).update(bytes).digest(), value);
    if (isOver(manifest)) return ofManifest;
    return claim && isOver(claim) ? { signed: claim, manifest, isClaim: true } : undefined;
  }
  try {
    const { subjects } = parseStatement(content);
    const isAbout = (digest: string) => subjectsOf(subjects, digest).length > 0;
    return !isAbout(sha256) && isAbout(sha256Hex(manifest)) ? ofManifest : undefined;
  } catch (error) {
    // What is wrong with it, the judge says.
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** How the judge reads what was signed. */
export async function readableImage({ manifest, signed, isClaim }: SignedInPlace): Promise<SignedImage> {
  const { readChartImage } = await import('../chart/fetch/chart-image.ts');
  const { parseImageClaim } = await import('../evidence/image-claim.ts');
  return {
    sha256: sha256Hex(manifest),
    read: () => readChartImage(manifest),
    claim: isClaim ? () => parseImageClaim(signed) : undefined,
  };
}

/** Bytes that are in memory, as those of a file come. */
export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  await Promise.resolve();
  yield bytes;
}
