import { excerpt } from '../encoding.ts';
import type { Glob } from './glob.ts';
import { IdentityPatternError, parseIdentityPattern } from './identity-pattern.ts';
import { requireBeside } from './policy-path.ts';
import { PolicyError } from './policy-error.ts';
import { PolicyMembers, type Located } from './policy-members.ts';
import type { DigestItem, IdentityItem, SignerItem } from './policy.ts';
import type { PolicyNode } from './policy-yaml.ts';

const NAMES = [
  'openpgp',
  'identity',
  'issuer',
  'sourceRepository',
  'key',
  'digest',
  'until',
  'reason',
] as const;
type Members = PolicyMembers<(typeof NAMES)[number]>;

/** An item of `signedBy`. @throws PolicyError */
export function parseSignerItem(node: PolicyNode): SignerItem {
  if (node.kind === 'text' && node.text === 'any') return { kind: 'any', at: node.at };
  const members = new PolicyMembers(node, 'an item of signedBy', NAMES);
  const kinds = (['openpgp', 'identity', 'key', 'digest'] as const).filter((name) => members.has(name));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1)
    throw new PolicyError(
      members.at,
      `expected one of openpgp, identity, key and digest in an item of signedBy, found ${kinds.join(' and ') || 'none'}`,
      'each signer is an item of its own; the word any stands for every key of keys',
    );
  allowOnly(members, kind);
  const { at } = members;
  switch (kind) {
    case 'openpgp':
      return { kind, at, fingerprint: fingerprintIn(members.requiredText(kind)) };
    case 'identity':
      return { at, ...identityIn(members) };
    case 'key':
      return { kind, at, path: requireBeside(members.requiredText(kind)).value };
    case 'digest':
      return { at, ...digestIn(members) };
  }
}

/** What an item says, for people and to tell whether two say the same. */
export function signerInWords(item: SignerItem): string {
  switch (item.kind) {
    case 'any':
      return 'any key of keys';
    case 'openpgp':
      return `openpgp ${item.fingerprint.toUpperCase()}`;
    case 'identity':
      return `identity ${item.identity.text} (issuer ${item.issuer})`;
    case 'key':
      return `key ${item.path}`;
    case 'digest':
      return `digest sha256:${item.sha256}`;
  }
}

/** Which members each kind has beside its own. */
const BESIDE: Readonly<Record<Exclude<SignerItem['kind'], 'any'>, readonly string[]>> = {
  openpgp: [],
  identity: ['issuer', 'sourceRepository'],
  key: [],
  digest: ['until', 'reason'],
};

function allowOnly(members: Members, kind: keyof typeof BESIDE): void {
  const strange = NAMES.find((name) => name !== kind && members.has(name) && !BESIDE[kind].includes(name));
  if (strange !== undefined)
    throw new PolicyError(members.placeOf(strange), `expected no ${strange} beside ${kind}, found one`);
}

function fingerprintIn({ value, at }: Located): string {
  const hex = value.replace(/\s|^0x/g, '').toLowerCase();
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(hex)) return hex;
  if (/^(?:[0-9a-f]{8}|[0-9a-f]{16})$/.test(hex))
    throw new PolicyError(
      at,
      `expected a full fingerprint of 40 or 64 hexadecimal digits, found the key ID ${hex}`,
      'a key ID can be forged; gpg --list-keys --fingerprint shows the whole fingerprint',
    );
  throw new PolicyError(at, `expected a fingerprint of 40 or 64 hexadecimal digits, found ${excerpt(value)}`);
}

function identityIn(members: Members): IdentityItem {
  const issuer = members.requiredText('issuer');
  if (!URL.canParse(issuer.value) || !/^https:\/\/[^*@?#\s]+$/.test(issuer.value))
    throw new PolicyError(
      issuer.at,
      `expected issuer to be an https URL without wildcards, found ${excerpt(issuer.value)}`,
    );
  const source = members.text('sourceRepository');
  if (source !== undefined && !/^https:\/\/[^*@?#\s]+$/.test(source.value))
    throw new PolicyError(
      source.at,
      `expected sourceRepository to be an https URL without wildcards, found ${excerpt(source.value)}`,
    );
  return {
    kind: 'identity',
    identity: identityGlob(members.requiredText('identity')),
    issuer: issuer.value,
    ...(source && { sourceRepository: source.value }),
  };
}

function identityGlob({ value, at }: Located): Glob {
  try {
    return parseIdentityPattern(value);
  } catch (error) {
    if (error instanceof IdentityPatternError) throw new PolicyError(at, error.message, error.hint);
    throw error;
  }
}

function digestIn(members: Members): DigestItem {
  const { value, at } = members.requiredText('digest');
  const sha256 = /^sha256:([0-9a-f]{64})$/.exec(value)?.[1];
  if (sha256 === undefined)
    throw new PolicyError(
      at,
      `expected digest to be sha256: and 64 hexadecimal digits in lower case, found ${excerpt(value)}`,
    );
  const until = members.requiredText('until');
  return {
    kind: 'digest',
    sha256,
    until: endOfDay(until),
    lastDay: until.value,
    reason: members.requiredText('reason').value,
  };
}

/** The end of a day in UTC, in seconds since 1970. */
function endOfDay({ value, at }: Located): number {
  const milliseconds = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : NaN;
  // Some engines take the 30th of February for the 2nd of March.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString().slice(0, 10) !== value)
    throw new PolicyError(at, `expected until to be a day, such as 2027-06-30, found ${excerpt(value)}`);
  return milliseconds / 1000 + 24 * 60 * 60;
}
