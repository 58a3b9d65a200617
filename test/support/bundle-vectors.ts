import { createReadStream, readFileSync } from 'node:fs';
import { createPublicKey } from 'node:crypto';
import { bundleEvidence } from '../../src/proving/judge-bundle-file.ts';
import { parseBundles } from '../../src/evidence/parse-bundle.ts';
import { parseSigstoreTrust, type SigstoreTrust } from '../../src/trust/sigstore-trust.ts';
import type { WantedSigners } from '../../src/run/wanted-signers.ts';
import { judgeBundle, type BundleReport } from '../../src/verification/bundle-report.ts';
import { readVector, readVectorJson, vectorPath } from './vectors.ts';

/** One of the labelled bundles of the vectors. */
export interface BundleCase {
  readonly bundle: string;
  readonly archive: string;
  readonly expect: 'good' | 'bad';
  readonly identity?: string;
  readonly issuer?: string;
  readonly key?: string;
}

const FOLDER = 'sigstore-bundles';

export function bundleCases(): readonly BundleCase[] {
  return readVectorJson(FOLDER, 'cases.json') as BundleCase[];
}

export function bundleBytes(name: string): Uint8Array {
  return readVector(FOLDER, name);
}

export function bundlePath(name: string): string {
  return vectorPath(FOLDER, name);
}

export function vectorTrust(): SigstoreTrust {
  return parseSigstoreTrust(readVectorJson(FOLDER, 'trusted_root.json'));
}

function signersOf({ identity, issuer, key }: Omit<BundleCase, 'expect' | 'bundle'>): WantedSigners {
  return {
    identities:
      identity === undefined || issuer === undefined
        ? []
        : [{ words: identity, matches: (name) => name === identity, issuer }],
    keys: key === undefined ? [] : [createPublicKey(readFileSync(bundlePath(key)))],
  };
}

/** After all that the vectors sign. */
export const NOW = 1_796_000_000;

/** Judges bundle bytes as evidence about a file of the vectors. */
export async function judgeBytes(
  bytes: Uint8Array,
  wanted: Omit<BundleCase, 'expect' | 'bundle'>,
  { trust = vectorTrust(), now = NOW }: { readonly trust?: SigstoreTrust; readonly now?: number } = {},
): Promise<BundleReport> {
  const [bundle] = parseBundles(bytes);
  if (bundle === undefined) throw new Error('there is no bundle');
  const file = () => createReadStream(bundlePath(wanted.archive));
  const evidence = await bundleEvidence(bundle, 'the bundle', file, signersOf(wanted), trust, now);
  return await judgeBundle(evidence);
}
