import type { Forgery, Variation } from '../row.ts';
import { chartForgeries } from './chart.ts';
import { checkpointForgeries } from './checkpoint.ts';
import { entryBindingForgeries } from './entry-binding.ts';
import { entryIdForgeries } from './entry-id.ts';
import { entryKindForgeries } from './entry-kind.ts';
import { consistencyForgeries, datedBackForgeries, silencedForgeries } from './history.ts';
import { honestAnswers } from './honest-answers.ts';
import { honestCrowds } from './honest-crowds.ts';
import { honestEntries } from './honest-entries.ts';
import { honestTrees } from './honest-trees.ts';
import { inclusionPromiseForgeries } from './inclusion-promise.ts';
import { inclusionProofForgeries } from './inclusion-proof.ts';
import { logKeyForgeries } from './log-key.ts';
import { misshapenEntries, misshapenLists } from './misshapen.ts';
import { nothingFound } from './not-found.ts';
import { logTimeForgeries, signerKeyForgeries } from './signer.ts';
import { transportForgeries } from './transport.ts';

/** Every forgery, in the order of the checks that catch them. */
export const FORGERIES: readonly Forgery[] = [
  ...chartForgeries,
  ...entryKindForgeries,
  ...entryBindingForgeries,
  ...entryIdForgeries,
  ...logKeyForgeries,
  ...inclusionPromiseForgeries,
  ...checkpointForgeries,
  ...inclusionProofForgeries,
  ...signerKeyForgeries,
  ...logTimeForgeries,
  ...datedBackForgeries,
  ...consistencyForgeries,
  ...silencedForgeries,
  ...nothingFound,
  ...misshapenEntries,
  ...misshapenLists,
  ...transportForgeries,
];

/** Every honest entry in an unusual form. */
export const VARIATIONS: readonly Variation[] = [
  ...honestEntries,
  ...honestAnswers,
  ...honestTrees,
  ...honestCrowds,
];

/** Those that a log can tell of an entry that it has just taken; such a one is in its tree, and the last there. */
export const LOG_LIES: readonly Forgery[] = [
  ...inclusionPromiseForgeries,
  ...checkpointForgeries,
  ...inclusionProofForgeries.filter(
    ({ name }) => !['a promise that was not kept', 'a path of an earlier tree'].includes(name),
  ),
  ...misshapenEntries,
];
