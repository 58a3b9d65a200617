import type { Answer } from '../cli/answer.ts';
import { EXIT_STATUS } from '../cli/exit-status.ts';
import { UsageError } from '../errors.ts';
import { checkedMembers, checkedText, whyRejected } from '../render/checked-evidence.ts';
import { EVIDENCE_LIMIT } from '../evidence/evidence.ts';
import { isSigstoreBundle } from '../evidence/is-sigstore-bundle.ts';
import { BUNDLE_ENDINGS, BUNDLE_LIMIT } from '../evidence/sigstore-bundle.ts';
import { readUserFile } from '../files/user-file.ts';
import type { RunContext } from '../run/context.ts';
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
 * Judges a file of evidence or of Sigstore bundles by itself.
 * @throws UsageError if charts are named beside it, or what is said of them
 * @throws UsageError, InputError, LogError as `checkEvidence` and `checkBundles` do
 */
export async function answerForEvidenceFile(
  file: string,
  operands: readonly string[],
  settings: FileSettings,
  context: RunContext,
): Promise<Answer> {
  const other = NOT_FOR_A_FILE.find((name) => settings.has(name));
  if (operands.length > 0 || other !== undefined)
    throw new UsageError(
      `--check judges one evidence file, asks nobody and looks at no chart, but found ${other === undefined ? 'a chart' : spellingOf(other)}`,
    );
  const { document, text, diagnosis } = await checked(file, settings, context);
  return {
    status: diagnosis ? EXIT_STATUS.REJECTED : 0,
    text,
    document,
    ...(diagnosis && { diagnoses: [diagnosis] }),
  };
}

async function checked(file: string, settings: FileSettings, context: RunContext) {
  const isVerbose = settings.has('verbose');
  const limit = BUNDLE_ENDINGS.some((ending) => file.endsWith(ending)) ? BUNDLE_LIMIT : EVIDENCE_LIMIT;
  const bytes = await readUserFile(file, { limit, interrupted: context.interrupted });
  if (isSigstoreBundle(bytes)) {
    const { checkBundles } = await import('./check-bundle.ts');
    const { checkedBundles } = await import('../render/checked-bundles.ts');
    return checkedBundles(await checkBundles(file, bytes, settings, context), isVerbose);
  }
  const found = await checkEvidence(file, bytes, settings, context);
  return {
    text: checkedText(found, isVerbose),
    document: checkedMembers(found),
    diagnosis: whyRejected(found),
  };
}
