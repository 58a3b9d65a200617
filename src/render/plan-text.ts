import type { Signer } from '../openpgp/key-lifetime.ts';
import { signerLines, type ReportedArchive } from './chart-text.ts';

/** What `upload` would send, and where, had `--dry-run` not been given. */
export interface UploadPlan {
  /** The URL of the log. */
  readonly server: string;
  /** What chose that log, in words. */
  readonly chosenBy: string;
  /** The one user ID that goes along with the key; undefined: none does. */
  readonly userId: string | undefined;
  /** The e-mail address in it, which would become public. */
  readonly email: string | undefined;
  /** In bytes, as is `publicKeySize`. */
  readonly provenanceSize: number;
  readonly publicKeySize: number;
  /** Of the entry that would be made; lower-case hexadecimal. */
  readonly leafHash: string | undefined;
}

/** The text of a dry run of `upload`. */
export function planText(
  plan: UploadPlan,
  signer: Signer | undefined,
  warnings: readonly string[],
  { label, sha256 }: ReportedArchive,
): string[] {
  const { server, chosenBy, userId, email, provenanceSize, publicKeySize } = plan;
  return [
    `Nothing Was Sent: ${label} (--dry-run)`,
    `Digest: sha256:${sha256}`,
    '',
    `Rekor Server: ${server} (${chosenBy})`,
    `Would Become Public: e-mail address ${email ?? 'none'}`,
    `Would Become Public: user ID ${userId ?? 'none'}`,
    `Would Be Sent: provenance, ${provenanceSize} bytes`,
    `Would Be Sent: public key of the signer, ${publicKeySize} bytes`,
    ...(signer ? signerLines(signer) : []),
    ...warnings.map((warning) => `Warning: ${warning}`),
  ];
}

/** The same for JSON. */
export function planMembers(plan: UploadPlan): Record<string, unknown> {
  const { server, chosenBy, userId, email, provenanceSize, publicKeySize, leafHash } = plan;
  return {
    url: server,
    chosenBy,
    ...(userId !== undefined && { userId }),
    ...(email !== undefined && { email }),
    provenanceSize,
    publicKeySize,
    ...(leafHash !== undefined && { leafHash }),
  };
}
