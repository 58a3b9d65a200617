import type { ExpectedChart } from '../chart/chart-files.ts';
import { excerpt } from '../encoding.ts';
import { MalformedError, UsageError } from '../errors.ts';
import {
  askedFile,
  askedIndexed,
  askedOfRepository,
  askedReference,
  type AskedChart,
  type NamedVersion,
} from './asked-chart.ts';
import { chooseRule } from './choose-rule.ts';
import { chartRule } from './decide-by-rule.ts';
import type { Policy, PolicyRule } from './policy.ts';
import type { ChartRules, Requirements, RuledChart, RuleRequirements } from './requirements.ts';

/**
 * The rules of a policy, as they are applied to charts at the time `now`, in seconds since 1970.
 * @param keyIds the keys that its items name, by the paths of their files
 */
export function chartRulesOf(
  policy: Policy,
  now: number,
  keyIds: ReadonlyMap<string, string> = new Map(),
): ChartRules {
  return {
    requirementsFor: (chart, general) => {
      const asked = askedOf(chart, general.signedName);
      const rule = ruleFor(policy, asked, general, now, keyIds);
      const isByName = rule.unclear === undefined && (chart.asked === undefined || isAboutNames(policy));
      const said = isByName ? expectedOf(chart, asked.named, general.signedName) : undefined;
      const expected = chart.asked === undefined ? (chart.expected ?? said) : said;
      return { ...general, ...(expected && { expected }), rule: chartRule(rule) };
    },
  };
}

/**
 * What the user asked for, in the words that choose a rule.
 * @param signedName the file name given with `--as`, which names a file for rules too
 * @throws UsageError if it is a reference that could be written in another way
 */
export function askedOf(ruled: RuledChart, signedName?: string): AskedChart {
  const { label, asked } = ruled;
  if (asked === undefined) {
    if (signedName !== undefined) return askedFile(signedName);
    const { expected } = ruled;
    if (expected?.version !== undefined) return askedIndexed(expected.names, expected.version);
    return askedFile(fileNameOf(label));
  }
  try {
    const { reference, chart } = asked;
    if (chart !== undefined) return askedOfRepository(reference, chart);
    const words = askedReference(reference);
    // A registry and a repository say the name themselves; the file at a URL may have been renamed.
    const isRenamed = signedName !== undefined && !isRegistry(words);
    return isRenamed ? { ...words, named: askedFile(signedName).named } : words;
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new UsageError(
      `${label} cannot be compared with the rules of the policy: ${error.message}`,
      'write the reference in its shortest form, with nothing encoded',
    );
  }
}

/** Whether a reference may have its rule by the name of the chart. */
function isAboutNames({ rules }: Policy): boolean {
  return rules.some(({ origin, charts }) => origin === 'any' && charts.some(({ of }) => of === 'name'));
}

function isRegistry({ reference }: AskedChart): boolean {
  return reference?.startsWith('oci://') === true;
}

/** What the policy requires of what was asked for. */
function ruleFor(
  policy: Policy,
  asked: AskedChart,
  general: Requirements,
  now: number,
  keyIds: ReadonlyMap<string, string>,
): RuleRequirements {
  const isCompared = general.consistency === 'required';
  const nothing = {
    level: LEVEL_OF[policy.otherwise],
    signedBy: [],
    atLeast: 1,
    consistency: isCompared ? 'required' : 'optional',
    proof: general.proof ?? 'optional',
    keyIds,
    now,
    ...narrowedBy(general),
  } as const;
  const chosen = chooseRule(policy, asked);
  switch (chosen.kind) {
    case 'ambiguous': {
      const readings = chosen.readings
        .slice(0, 3)
        .map(({ name, rule }) => `${excerpt(name)} (${rule === undefined ? 'no rule' : `rule ${rule}`})`);
      return {
        ...nothing,
        unclear: `its name can be read in ways that have different rules: ${readings.join(', ')}`,
      };
    }
    case 'nameless':
      return {
        ...nothing,
        unclear: 'its file name is not NAME-VERSION.tgz, by which rules for names are chosen (--as says it)',
      };
    case 'otherwise':
      return nothing;
    case 'rule':
      return requirementsOfRule(chosen.rule, general, now, keyIds);
  }
}

/** What a rule requires of a chart. @param general what flags require beside */
export function requirementsOfRule(
  rule: PolicyRule,
  general: Narrowing,
  now: number,
  keyIds: ReadonlyMap<string, string>,
): RuleRequirements {
  return {
    name: rule.name,
    level: rule.level,
    signedBy: rule.signedBy,
    atLeast: rule.atLeast,
    consistency: general.consistency === 'required' ? 'required' : rule.consistency,
    proof: general.proof === 'required' ? 'required' : rule.proof,
    keyIds,
    notBefore: rule.maxAge === undefined ? undefined : now - rule.maxAge,
    now,
    ...narrowedBy(general),
  };
}

/** What flags may ask for beside a policy. */
type Narrowing = Pick<Requirements, 'signers' | 'consistency' | 'proof' | 'identities'>;

/** How flags narrow what a policy lets pass. */
function narrowedBy({
  signers,
  consistency,
  proof,
  identities = [],
}: Narrowing): Pick<RuleRequirements, 'isNarrowed' | 'needsOpenpgp' | 'narrowedTo'> {
  const needsOpenpgp = signers.length > 0;
  const isStrict = consistency === 'required' || proof === 'required';
  return {
    isNarrowed: needsOpenpgp || identities.length > 0 || isStrict,
    needsOpenpgp,
    narrowedTo: identities,
  };
}

const LEVEL_OF = { deny: 'enforce', warn: 'warn', allow: 'allow' } as const;

/**
 * Name and version in a file name chose the rule, so the signed text and Chart.yaml have to say the same: one of the ways in
 * which it can be read.
 */
function expectedOf(
  { label, asked }: RuledChart,
  named: readonly NamedVersion[],
  signedName = fileNameOf(label),
): ExpectedChart | undefined {
  const readings = named.flatMap(({ name, version }) => (version === undefined ? [] : { name, version }));
  const [first, ...others] = readings;
  if (first === undefined) return undefined;
  const said = { source: asked === undefined ? 'file name' : 'reference', signedName } as const;
  const { name, version } = first;
  return others.length === 0 ? { ...said, names: [name], version } : { ...said, names: [], readings };
}

function fileNameOf(label: string): string {
  return label.slice(Math.max(label.lastIndexOf('/'), label.lastIndexOf('\\')) + 1);
}
