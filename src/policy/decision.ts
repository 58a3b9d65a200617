import type { ChartBundleReport, ProvenBundle, RefutedBundle } from '../verification/chart-bundle.ts';
import type {
  ProvenanceBundleReport,
  ProvenProvenanceBundle,
  RefutedProvenanceBundle,
} from '../verification/provenance-bundle.ts';
import type { Check } from '../verification/checks.ts';
import type {
  AbsentEntry,
  ProvenEntry,
  RefutedEntry,
  RekorReport,
  UncheckedEntry,
} from '../verification/entry-report.ts';

/** What one piece of evidence for a chart came to, of whatever kind. */
export type AnyReport = OpenPgpReport | ChartBundleReport;
export type ProvenReport = ProvenByOpenPgp | ProvenBundle;
/** The signature of the provenance is on a log: in an entry that the log has, or in a bundle. */
export type OpenPgpReport = RekorReport | ProvenanceBundleReport;
type ProvenByOpenPgp = ProvenEntry | ProvenProvenanceBundle;

/** Whether evidence is about the signature of the provenance, by whatever profile. */
export function isByOpenPgp<Report extends AnyReport>(
  report: Report,
): report is Extract<Report, OpenPgpReport> {
  return report.profile === 'openpgp-rekor' || report.profile === 'openpgp-bundle';
}

/**
 * The reports on the evidence for a chart. There is at least one, if only to say that there is no evidence.
 */
export type Evidences = readonly [AnyReport, ...AnyReport[]];

/**
 * What becomes of a chart:
 * - `verified`: evidence is proven, and meets the requirements
 * - `rejected`: evidence was examined and does not hold
 * - `not-found`: the log answered, and has no entry of this provenance
 * - `unchecked`: evidence is proven, but a required check could not be made; or evidence could not be looked
 *   at
 *
 * With a policy also:
 * - `refused`: the rule for the chart is not satisfied, or no rule is about it
 * - `warned`: the same, where the policy only warns
 * - `pinned`: the rule is satisfied by the digest of the archive, which proves nothing about who made it
 * - `allowed`: no rule is about the chart, and the policy lets such charts pass
 */
export type Decision =
  | {
      readonly verdict: 'verified';
      readonly evidence: ProvenReport;
      /** Evidence that was required beside it, and is proven as well. */
      readonly beside?: readonly ProvenReport[];
      readonly ruling?: Ruling;
    }
  | {
      readonly verdict: 'rejected';
      readonly evidence: RefutedEntry | RefutedProvenanceBundle | RefutedBundle;
      readonly ruling?: undefined;
    }
  | { readonly verdict: 'not-found'; readonly evidence: AbsentEntry; readonly ruling?: undefined }
  | {
      readonly verdict: 'unchecked';
      readonly evidence: UncheckedEntry;
      readonly lacking?: undefined;
      readonly ruling?: undefined;
    }
  | {
      readonly verdict: 'unchecked';
      readonly evidence: ProvenReport;
      /** The check that was required and is skipped. */
      readonly lacking: Check;
      readonly ruling?: Ruling;
    }
  | { readonly verdict: 'refused'; readonly evidence: AnyReport; readonly ruling: Ruling }
  | {
      readonly verdict: 'warned' | 'pinned' | 'allowed';
      readonly evidence: AnyReport;
      readonly ruling: Ruling;
    };

/**
 * What a chart is excused: `enforce` nothing, `warn` missing evidence and a signer that is not accepted, `allow` that nothing
 * is required. What was examined and does not hold is excused at no level.
 */
export type PolicyLevel = 'enforce' | 'warn' | 'allow';

/** How a chart was held against the rule of a policy, for people. */
export interface Ruling {
  /** Undefined: no rule is about the chart. */
  readonly rule?: string;
  readonly level: PolicyLevel;
  /** How many different items of `signedBy` were needed. */
  readonly needed: number;
  /** The items that are satisfied, in words. */
  readonly satisfied: readonly string[];
  /** The others, and what each lacks. */
  readonly lacking: readonly { readonly item: string; readonly why: string }[];
  /** How many more there are; absent where there are none. */
  readonly lackingNotShown?: number;
  /** Why, in one line; lower case, no full stop. */
  readonly reason: string;
}
