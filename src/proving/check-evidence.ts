import type { Evidence } from '../evidence/evidence.ts';
import { evidenceIn } from '../evidence/read.ts';
import type { Context } from '../run/context.ts';
import { requireTrusted, trustSelection } from '../run/trusted-keys.ts';
import { rekorServerOf } from '../settings/addresses.ts';
import type { TrustOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import type { CheckId } from '../verification/checks.ts';
import { judgeKept, NOT_MADE_ALONE, type KeptEntry } from '../verification/kept-entry.ts';

/** What an evidence file comes to by itself. */
export interface CheckedEvidence {
  /** As the user named it. */
  readonly path: string;
  /** What the file says, for people. */
  readonly log: Evidence['log'];
  /** Those that hold come first. */
  readonly entries: readonly KeptEntry[];
  /** The log that the settings name, by whose keys the entries were judged. */
  readonly trusted: TrustedLog;
  /** What only `verify` checks, with the chart. */
  readonly notChecked: readonly CheckId[];
}

/**
 * Judges an evidence file by itself, without its chart and without asking anybody.
 * @param bytes of the file at the path
 * @throws UsageError on settings that contradict each other
 * @throws InputError if the file is malformed, or one with keys of the log is, or cannot be read
 * @throws LogError if no key of the log is trusted
 */
export async function checkEvidence(
  path: string,
  bytes: Uint8Array,
  settings: Settings<TrustOption>,
  context: Context,
): Promise<CheckedEvidence> {
  const server = rekorServerOf(settings);
  const select = trustSelection(settings, context);
  const { log, entries } = evidenceIn(bytes, path);
  const trusted = requireTrusted({ server, trusted: await select() });
  const judged = await Promise.all(entries.map((entry) => judgeKept(entry, trusted, context.now())));
  return {
    path,
    log,
    entries: holdingFirst(judged),
    trusted,
    notChecked: NOT_MADE_ALONE,
  };
}

/** The same, those that are proven in front. */
export function holdingFirst<Judged extends { readonly report: { readonly kind: 'proven' | 'refuted' } }>(
  judged: readonly Judged[],
): readonly Judged[] {
  const holds = ({ report }: Judged) => report.kind === 'proven';
  return [...judged.filter(holds), ...judged.filter((each) => !holds(each))];
}
