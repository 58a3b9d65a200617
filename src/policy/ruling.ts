import { formatTime } from '../encoding.ts';
import { outcomeOf, type Check } from '../verification/checks.ts';
import { countSigners, satisfies, type SignerCount } from './count-signers.ts';
import { foundInWords } from './found-in-words.ts';
import type { AnyReport, ProvenReport, Ruling } from './decision.ts';
import type { SignerItem } from './policy.ts';
import type { RuleRequirements } from './requirements.ts';
import { signerInWords } from './signer-item.ts';

/** What the evidence for a chart comes to under a rule. */
export type Held =
  /** With all evidence that may count for the rule: of a signer more than once, for example. */
  | { readonly kind: 'satisfied'; readonly count: SignerCount; readonly accepted: readonly ProvenReport[] }
  | { readonly kind: 'skipped'; readonly evidence: ProvenReport; readonly check: Check }
  | { readonly kind: 'too-old' }
  | { readonly kind: 'missing' };

/**
 * Holds proven evidence against a rule: who signed, when, and what was proven of it. Only evidence of one archive under
 * one name counts together.
 */
export function holdAgainst(evidences: readonly AnyReport[], rule: RuleRequirements): Held {
  const sha256 = archiveOf(evidences);
  const groups = agreeing(evidences.filter((each) => each.kind === 'proven'));
  const all = (groups.length === 0 ? [[]] : groups).map((group) => holdGroup(group, sha256, rule));
  return BEST_FIRST.flatMap((kind) => all.find((held) => held.kind === kind) ?? [])[0] ?? { kind: 'missing' };
}

const BEST_FIRST = ['satisfied', 'skipped', 'too-old', 'missing'] as const;

function holdGroup(
  proven: readonly ProvenReport[],
  sha256: string | undefined,
  rule: RuleRequirements,
): Held {
  const { signedBy, atLeast, now, keyIds } = rule;
  const count = (some: readonly ProvenReport[]) =>
    countSigners(signedBy, { evidences: some, sha256, now, keyIds });
  const isEnough = ({ items }: SignerCount) => items.size >= atLeast;
  const timely = proven.filter((each) => isTimely(each, rule));
  const unskipped = timely.filter(({ checks }) => skippedCheck(checks, rule) === undefined);
  const whole = count(unskipped);
  const isAccepted = (each: ProvenReport) => signedBy.some((item) => satisfies(each, item, keyIds));
  if (isEnough(whole)) return { kind: 'satisfied', count: whole, accepted: unskipped.filter(isAccepted) };
  const lenient = count(timely);
  if (isEnough(lenient))
    for (const evidence of lenient.evidences) {
      const check = skippedCheck(evidence.checks, rule);
      if (check !== undefined) return { kind: 'skipped', evidence, check };
    }
  return { kind: isEnough(count(proven)) ? 'too-old' : 'missing' };
}

/** What the report says of a rule and the evidence. */
export function rulingOn(evidences: readonly AnyReport[], rule: RuleRequirements, held: Held): Ruling {
  const { name, level, atLeast: needed, signedBy } = rule;
  const proven = evidences.filter((each) => each.kind === 'proven');
  const timely = proven.filter((each) => isTimely(each, rule));
  const { items } =
    held.kind === 'satisfied'
      ? held.count
      : countSigners(signedBy, {
          evidences: timely,
          sha256: archiveOf(evidences),
          now: rule.now,
          keyIds: rule.keyIds,
        });
  const others = signedBy.filter((item) => !items.has(item));
  return {
    ...(name !== undefined && { rule: name }),
    level,
    needed,
    satisfied: [...items].map(signerInWords),
    lacking: others
      .slice(0, MOST_SHOWN)
      .map((item) => ({ item: signerInWords(item), why: whyLacking(item, proven, rule) })),
    ...(others.length > MOST_SHOWN && { lackingNotShown: others.length - MOST_SHOWN }),
    reason: reasonOf(rule, held, items.size, foundInWords(evidences, rule)),
  };
}

/** So many signers that lack something are named. */
const MOST_SHOWN = 50;

/** @param inPlace what there is in place of those who are needed */
function reasonOf(
  { name, unclear, atLeast }: RuleRequirements,
  { kind }: Held,
  found: number,
  inPlace: string,
): string {
  if (unclear !== undefined) return unclear;
  if (name === undefined) return 'no rule of the policy is about it';
  const rule = `the rule ${name}`;
  const needs = `${rule} needs ${atLeast === 1 ? 'a signer' : `${atLeast} different signers`}`;
  switch (kind) {
    case 'satisfied':
      return `${rule} is satisfied`;
    case 'skipped':
      return `${needs}, and a check that it requires is skipped`;
    case 'too-old':
      return `${needs}, and what was signed is older than its maxAge`;
    case 'missing':
      return `${needs} of signedBy, found ${found === 0 ? 'none' : found}${inPlace && `: ${inPlace}`}`;
  }
}

function whyLacking(
  item: SignerItem,
  proven: readonly ProvenReport[],
  { now, notBefore = -Infinity, keyIds }: RuleRequirements,
): string {
  switch (item.kind) {
    case 'digest':
      return now < item.until ? 'the archive has another digest' : `it counted until ${item.lastDay}`;
    case 'identity':
    case 'key':
    case 'any':
    case 'openpgp': {
      const own = proven.find((evidence) => satisfies(evidence, item, keyIds));
      if (own === undefined) return 'no signature by it is proven';
      const at = own.statement?.signedAt;
      if (at === undefined || at < notBefore)
        return `its signature of ${at === undefined ? 'an unknown time' : formatTime(at)} is too old`;
      return 'its signature counts for another item, and each signer counts once';
    }
  }
}

/** The first check that the rule requires, and the evidence lacks. */
function skippedCheck(checks: readonly Check[], { consistency, proof }: RuleRequirements): Check | undefined {
  const required = [
    ...(proof === 'required' ? (['inclusion-proof'] as const) : []),
    ...(consistency === 'required' ? (['consistency'] as const) : []),
  ];
  const lacking = required.find((id) => outcomeOf(id, checks) !== 'passed');
  return checks.find(({ id }) => id === lacking);
}

/** What does not say when it was signed fails a limit of age. */
function isTimely({ statement }: ProvenReport, { notBefore }: RuleRequirements): boolean {
  return notBefore === undefined || (statement?.signedAt ?? -Infinity) >= notBefore;
}

/** Evidence by what it is about: of each archive, under each name. */
function agreeing(proven: readonly ProvenReport[]): readonly (readonly ProvenReport[])[] {
  const groups = new Map<string, ProvenReport[]>();
  for (const each of proven) {
    const { sha256 = '', signedName = '' } = each.statement ?? {};
    const about = `${sha256} ${signedName}`;
    groups.set(about, [...(groups.get(about) ?? []), each]);
  }
  return [...groups.values()];
}

function archiveOf(evidences: readonly AnyReport[]): string | undefined {
  const [first, ...others] = evidences.map(({ statement }) => statement?.sha256);
  return others.every((other) => other === first) ? first : undefined;
}
