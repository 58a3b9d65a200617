import { excerpt } from '../encoding.ts';
import { parseChartPattern } from './chart-pattern.ts';
import { PolicyError } from './policy-error.ts';
import { listItems, PolicyMembers, locatedText } from './policy-members.ts';
import type { PolicyRule, SignerItem } from './policy.ts';
import type { PolicyNode } from './policy-yaml.ts';
import { parseSignerItem, signerInWords } from './signer-item.ts';

const NAMES = [
  'name',
  'charts',
  'origin',
  'level',
  'signedBy',
  'atLeast',
  'consistency',
  'proof',
  'maxAge',
] as const;
type Members = PolicyMembers<(typeof NAMES)[number]>;

/** A rule of a policy. @throws PolicyError */
export function parsePolicyRule(node: PolicyNode): PolicyRule {
  const members = new PolicyMembers(node, 'a rule', NAMES);
  const name = members.requiredText('name');
  if (!/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/.test(name.value))
    throw new PolicyError(
      name.at,
      `expected the name of a rule to have letters, digits, blanks, dots and dashes, found ${excerpt(name.value)}`,
    );
  const charts = listItems(members.required('charts'), 'charts', MOST_PATTERNS).map((item) =>
    parseChartPattern(locatedText(item, 'a pattern')),
  );
  const origin = members.choice('origin', ['file', 'any']);
  if (members.has('origin') && charts.every(({ of }) => of === 'reference'))
    throw new PolicyError(
      members.placeOf('origin'),
      'expected origin beside a pattern for names of charts, found only patterns for references',
    );
  const signedBy = signersIn(members.required('signedBy'));
  const consistency = members.choice('consistency', ['optional', 'required']);
  const proof = members.choice('proof', ['optional', 'required']);
  const maxAge = maxAgeIn(members);
  const demands = [
    ...(consistency === 'required' ? ['consistency'] : []),
    ...(proof === 'required' ? ['proof'] : []),
    ...(maxAge === undefined ? [] : ['maxAge']),
  ];
  refuseDigests(signedBy, demands);
  return {
    name: name.value,
    at: members.at,
    charts,
    origin,
    level: members.choice('level', ['enforce', 'warn']),
    signedBy,
    atLeast: atLeastIn(members, signedBy.length),
    consistency,
    proof,
    maxAge,
  };
}

const MOST_PATTERNS = 200;

function signersIn(node: PolicyNode): readonly SignerItem[] {
  if (node.kind === 'text' && node.text === 'any') return [parseSignerItem(node)];
  const items = listItems(node, 'signedBy', MOST_SIGNERS).map(parseSignerItem);
  const known = new Set<string>();
  for (const item of items) {
    // Two spellings of one signer must not count as two.
    const words = signerInWords(item);
    if (known.has(words)) throw new PolicyError(item.at, `expected each signer once, found ${words} again`);
    known.add(words);
  }
  return items;
}

const MOST_SIGNERS = 100;

/** A digest stands for a chart without any evidence, of which nothing more can be demanded. */
function refuseDigests(signedBy: readonly SignerItem[], demands: readonly string[]): void {
  const [demand] = demands;
  const digest = signedBy.find(({ kind }) => kind === 'digest');
  if (demand !== undefined && digest !== undefined)
    throw new PolicyError(
      digest.at,
      `expected no digest in a rule with ${demand}, which a digest cannot meet: give it a rule of its own`,
    );
}

function atLeastIn(members: Members, signers: number): number {
  const text = members.text('atLeast');
  if (text === undefined) return 1;
  const count = /^[1-9][0-9]{0,2}$/.test(text.value) ? Number(text.value) : NaN;
  if (Number.isNaN(count))
    throw new PolicyError(text.at, `expected atLeast to be a number from 1, found ${excerpt(text.value)}`);
  if (count > signers)
    throw new PolicyError(
      text.at,
      `expected atLeast to be at most ${signers}, as signedBy has no more items, found ${count}`,
    );
  return count;
}

/** Hours in each unit. */
const UNITS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 7 * 24 };

function maxAgeIn(members: Members): number | undefined {
  const text = members.text('maxAge');
  if (text === undefined) return undefined;
  const [, digits, unit = ''] = /^([1-9][0-9]{0,4})([hdw])$/.exec(text.value) ?? [];
  const hours = UNITS[unit];
  if (hours === undefined)
    throw new PolicyError(
      text.at,
      `expected maxAge in hours, days or weeks, such as 365d, found ${excerpt(text.value)}`,
    );
  return Number(digits) * hours * 60 * 60;
}
