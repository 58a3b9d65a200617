import { CertificateMerge } from '../openpgp/merged-certificate.ts';
import { FloodedCertificateError } from '../openpgp/unjudged-certificate.ts';
import { digestOfCopy, readCopy } from './copy.ts';
import type { Copy } from './search.ts';
import { naming } from './source.ts';

/** What the copies of one certificate hold together, and where they are. */
export interface MergedCopies {
  readonly merge: CertificateMerge;
  readonly places: ReadonlySet<string>;
}

/**
 * Reads these copies, and merges those of each certificate, in the order of the first of each. One copy is read after the
 * other, so what they have in common is in memory once.
 * @param placeOf where a copy is, for messages
 * @throws InputError naming the place of what is damaged, or of a certificate with more in all its copies than anybody
 * needs (the cause is a FloodedCertificateError)
 */
export function mergeCopies(copies: readonly Copy[], placeOf: (copy: Copy) => string): MergedCopies[] {
  const byPrimary = new Map<string, Growing>();
  const placesOf = new Map<string, Set<string>>();
  let signatures = 0;
  for (const copy of copies) {
    const place = placeOf(copy);
    // The same bytes again say nothing new, and a file may hold them a hundred thousand times.
    const digest = naming(place, () => digestOfCopy(copy));
    const known = placesOf.get(digest);
    known?.add(place);
    if (known) continue;
    const [certificate] = naming(place, () => readCopy(copy));
    if (certificate === undefined) continue;
    const { primary } = certificate;
    const group = byPrimary.get(primary.fingerprint) ?? new Growing(new CertificateMerge(primary));
    byPrimary.set(primary.fingerprint, group);
    placesOf.set(digest, group.places.add(place));
    group.copies++;
    signatures -= group.merge.signatures;
    group.merge.add(certificate);
    signatures += group.merge.signatures;
    if (group.copies <= MAX_COPIES && signatures <= MAX_SIGNATURES) continue;
    naming([...group.places].join(', '), () => {
      throw new FloodedCertificateError(
        group.copies > MAX_COPIES
          ? `expected at most ${MAX_COPIES} copies of the key ${primary.fingerprint}, found more`
          : `the copies of the key ${primary.fingerprint} have more than ${MAX_SIGNATURES} signatures together`,
      );
    });
  }
  return [...byPrimary.values()];
}

/** Copies of different years and key servers are some dozens. */
const MAX_COPIES = 1000;
/** In all certificates that are read at a time, which are those of one key, or a few. A copy has at most 10,000. */
const MAX_SIGNATURES = 25_000;

class Growing implements MergedCopies {
  readonly places = new Set<string>();
  copies = 0;

  constructor(readonly merge: CertificateMerge) {}
}
