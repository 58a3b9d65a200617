import type { AskedWords, ExpectedChart } from '../chart/chart-files.ts';
import type { AnyReport, Decision, Evidences, PolicyLevel } from './decision.ts';
import type { WantedIdentity } from '../verification/bundle-evidence.ts';
import type { Need, SignerItem } from './policy.ts';

/** Whose word counts: OpenPGP's with the log's, that of a Sigstore bundle, both, or one of them. */
export type EvidenceKinds = 'openpgp' | 'bundle' | 'both' | 'any';

/** What evidence must say before a chart is accepted: plain data, made from flags and from the rule of a policy. */
export interface Requirements {
  /** Primary fingerprints of acceptable signers; empty: any of the keyring. */
  readonly signers: readonly string[];
  /** The file name that must be signed (`--as`); undefined: that of the archive. */
  readonly signedName: string | undefined;
  /** Whether signatures by weak algorithms count. */
  readonly allowWeak: boolean;
  /** Whether a skipped consistency check leaves the chart unchecked. */
  readonly consistency: 'required' | 'if-known';
  /** Which kinds of evidence have to hold; undefined: OpenPGP's. */
  readonly kinds?: EvidenceKinds | undefined;
  /** Under a policy, who has to be among those who satisfy the rule, one of these; undefined or empty: anybody. */
  readonly identities?: readonly WantedIdentity[] | undefined;
  /** Whether the promise of a log is not enough; undefined: it is. */
  readonly proof?: Need | undefined;
  /** What an index, a reference, a lock or a file name says of this chart, each word of which has to be what is signed. */
  readonly expected?: ExpectedChart | undefined;
  /** What the rule of a policy requires beside; undefined: there is no policy. */
  readonly rule?: ChartRule | undefined;
}

/** A rule of a policy as it is applied to one chart. Its code comes with it: a run without a policy does not load it. */
export interface ChartRule {
  readonly requires: RuleRequirements;
  /**
   * What becomes of the chart; undefined: no rule changes what the evidence comes to.
   * @param best the piece of evidence that says most
   */
  readonly decide: (evidences: Evidences, best: AnyReport) => Decision | undefined;
}

/** What the rule of a policy that is about a chart requires of it; or what becomes of a chart that no rule is about. */
export interface RuleRequirements {
  /** Undefined: no rule is about the chart. */
  readonly name?: string;
  /** Why no rule can be chosen; lower case, no full stop. Such a chart is refused. */
  readonly unclear?: string;
  readonly level: PolicyLevel;
  readonly signedBy: readonly SignerItem[];
  readonly atLeast: number;
  readonly consistency: Need;
  readonly proof: Need;
  /** The oldest signature that counts, in seconds since 1970. */
  readonly notBefore?: number | undefined;
  /** The keys that items of `signedBy` name, by the paths of their files: SHA-256 of the DER SubjectPublicKeyInfo. */
  readonly keyIds: ReadonlyMap<string, string>;
  /** The time of the decision, in seconds since 1970: a digest counts until a day. */
  readonly now: number;
  /** Whether a flag asks for evidence of the log, which no digest and no level can take the place of. */
  readonly isNarrowed: boolean;
  /** Identities that a flag names, one of which has to be among those who satisfy the rule; absent or empty: it names none. */
  readonly narrowedTo?: readonly WantedIdentity[] | undefined;
  /** Whether a flag names the signer of the provenance, whom no other evidence can take the place of. */
  readonly needsOpenpgp: boolean;
}

/** What a policy requires of charts. */
export interface ChartRules {
  /**
   * @param general what flags require
   * @throws UsageError where its reference cannot be compared with the rules
   */
  readonly requirementsFor: (chart: RuledChart, general: Requirements) => Requirements;
}

/** What a user asked for, as far as a rule depends on it. */
export interface RuledChart {
  readonly label: string;
  /** Not known of a chart that is no file before it is fetched, and not asked for. */
  readonly expected?: ExpectedChart | undefined;
  /** Of a chart that is no file. */
  readonly asked?: AskedWords | undefined;
}

/**
 * What is required of a chart. An index that names it says which name has to be signed, if the user does not; where nobody
 * says the name of the chart, it has to be the one that chose the rule.
 */
export function requirementsFor(said: ExpectedChart | undefined, requirements: Requirements): Requirements {
  const { expected: words } = requirements;
  const isNamed = said !== undefined && said.names.length > 0;
  const expected = isNamed || words === undefined ? said : { ...words, ...said, ...nameIn(words) };
  const { signedName = expected?.signedName } = requirements;
  return { ...requirements, signedName, expected };
}

/** What is required of OpenPGP and the log alone: what other kinds of evidence have to hold is decided with those. */
export function requiredOfOpenPgp(requirements: Requirements): Requirements {
  return { ...requirements, kinds: 'openpgp' };
}

function nameIn({ names, version, readings }: ExpectedChart): Partial<ExpectedChart> {
  return { names, ...(version !== undefined && { version }), ...(readings && { readings }) };
}
