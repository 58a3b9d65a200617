import type { FoundEntry } from '../verification/found-entry.ts';
import { checkMembers, entryMembers } from './json.ts';

/** An entry that a search found in the log at `server`, for JSON. */
export function foundMembers(found: FoundEntry, server: string): Record<string, unknown> {
  const { entry, helm, signature, unread, report } = found;
  return {
    ...entryMembers(entry, server),
    ...(helm && { archive: { sha256: helm.sha256 }, ...signerMembers(helm) }),
    ...(signature && { signature: signatureMembers(signature) }),
    ...(unread !== undefined && { unread }),
    proofs: PROOFS[report.kind],
    ...(report.kind !== 'unchecked' && { checks: checkMembers(report.checks) }),
  };
}

const PROOFS = { proven: 'hold', refuted: 'do-not-hold', unchecked: 'not-checked' } as const;

function signatureMembers({ kind, signed, signer }: NonNullable<FoundEntry['signature']>): object {
  const { keyId, certificate } = signer;
  return {
    kind,
    [signed.kind]: { algorithm: signed.algorithm, hex: signed.hex },
    signer: { ...certificate, keyId },
  };
}

function signerMembers({ signers, signersNotShown }: NonNullable<FoundEntry['helm']>): object {
  return {
    signers: signers.map(({ fingerprint, userIds, userIdsNotShown }) => ({
      fingerprint,
      userIds,
      ...(userIdsNotShown > 0 && { userIdsNotShown }),
    })),
    ...(signersNotShown > 0 && { signersNotShown }),
  };
}
