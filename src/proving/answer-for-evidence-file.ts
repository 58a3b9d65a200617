import type { Answer } from '../cli/answer.ts';
import { EXIT_STATUS } from '../cli/exit-status.ts';
import { UsageError } from '../errors.ts';
import { checkedMembers, checkedText, whyRejected } from '../render/checked-evidence.ts';
import type { Context } from '../run/context.ts';
import {
  CHART_OPTIONS,
  KEYRING_OPTIONS,
  SIGNER_OPTIONS,
  type TrustOption,
} from '../settings/option-groups.ts';
import { spellingOf } from '../settings/options.ts';
import type { Settings } from '../settings/settings.ts';
import { checkEvidence } from './check-evidence.ts';

/** Options that say nothing about a file alone: a user who gives one expects more than is checked. */
const NOT_FOR_A_FILE = [
  ...KEYRING_OPTIONS,
  ...SIGNER_OPTIONS,
  ...CHART_OPTIONS,
  'as',
  'evidence',
  'refresh',
  'firstUse',
] as const;

/** What is read of settings. */
type FileSettings = Settings<TrustOption | 'verbose' | (typeof NOT_FOR_A_FILE)[number]>;

/**
 * Judges an evidence file by itself.
 * @throws UsageError if charts are named beside it, or what is said of them
 * @throws UsageError, InputError, LogError as `checkEvidence` does
 */
export async function answerForEvidenceFile(
  file: string,
  operands: readonly string[],
  settings: FileSettings,
  context: Context,
): Promise<Answer> {
  const other = NOT_FOR_A_FILE.find((name) => settings.has(name));
  if (operands.length > 0 || other !== undefined)
    throw new UsageError(
      `--check judges one evidence file, asks nobody and looks at no chart, but found ${other === undefined ? 'a chart' : spellingOf(other)}`,
    );
  const found = await checkEvidence(file, settings, context);
  const diagnosis = whyRejected(found);
  return {
    status: diagnosis ? EXIT_STATUS.REJECTED : 0,
    text: checkedText(found, settings.has('verbose')),
    document: checkedMembers(found),
    ...(diagnosis && { diagnoses: [diagnosis] }),
  };
}
