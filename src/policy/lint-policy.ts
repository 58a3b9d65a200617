import { formatTime } from '../encoding.ts';
import { isGated } from '../gate-schemes.ts';
import { coversGlob } from './glob.ts';
import { refsOf } from './identity-refs.ts';
import type { Position } from './policy-error.ts';
import type { Policy, PolicyRule, SignerItem } from './policy.ts';
import { signerInWords } from './signer-item.ts';

/** What can be wrong with a policy that was read: it means something, and hardly what its author meant. */
export type LintKind =
  | 'pull-request-identity'
  | 'glob-over-refs'
  | 'key-expired'
  | 'key-not-in-keys'
  | 'shadowed-rule'
  | 'warn-over-everything'
  | 'pin-lapsed'
  | 'plain-repository'
  | 'rival-plugin';

export interface LintFinding {
  readonly kind: LintKind;
  /** Undefined: it is a mistake around the policy. */
  readonly at?: Position;
  /** One line; lower case, no full stop. */
  readonly message: string;
}

/** What a policy is held against. */
export interface LintSurroundings {
  /** Seconds since 1970. */
  readonly now: number;
  /** The certificates of `keys`, or of the user where the policy has none. */
  readonly keys: readonly { readonly fingerprint: string; readonly expires?: number | undefined }[];
  /** Those that Helm knows. */
  readonly repositories: readonly { readonly name: string; readonly url: string }[];
  /** Plugins of Helm that fetch charts. */
  readonly downloaders: readonly {
    readonly name: string;
    readonly protocols: readonly string[];
    readonly isOurs: boolean;
  }[];
}

/** The findings, in the order of the file; those about its surroundings last. */
export function lintPolicy(policy: Policy, surroundings: LintSurroundings): readonly LintFinding[] {
  const { now, keys } = surroundings;
  const expiries = new Map(keys.map(({ fingerprint, expires }) => [fingerprint, { expires }]));
  const inPolicy = policy.rules.flatMap((rule, index) => [
    ...shadowed(rule, policy.rules.slice(0, index)),
    ...warnsOverEverything(rule),
    ...rule.signedBy.flatMap((item) => lintSigner(item, now, expiries)),
  ]);
  return [...inPolicy, ...pastTheGate(surroundings)];
}

function shadowed(rule: PolicyRule, before: readonly PolicyRule[]): LintFinding[] {
  const isCovered = rule.charts.every(({ of, glob }) =>
    before.some(
      (other) =>
        (of === 'reference' || other.origin === 'any' || rule.origin === 'file') &&
        other.charts.some((pattern) => pattern.of === of && coversGlob(pattern.glob, glob)),
    ),
  );
  if (!isCovered) return [];
  const message = `the rule ${rule.name} never decides: rules before it are about all of its charts`;
  return [{ kind: 'shadowed-rule', at: rule.at, message }];
}

/** What is left of a pattern without its scheme, where it stands for every chart. */
const EVERYTHING: ReadonlySet<string> = new Set(['*', '**', '**/*', '*/**', '**/**']);

function warnsOverEverything({ level, charts, name }: PolicyRule): LintFinding[] {
  if (level !== 'warn') return [];
  return charts
    .filter(({ value }) => EVERYTHING.has(value.replace(/^[a-z0-9+.*-]*:\/\//, '')))
    .map(({ value, at }) => ({
      kind: 'warn-over-everything',
      at,
      message: `the rule ${name} only warns, and ${value} stands for every chart`,
    }));
}

/** @param keys when each expires, by its fingerprint */
function lintSigner(
  item: SignerItem,
  now: number,
  keys: ReadonlyMap<string, { readonly expires: number | undefined }>,
): LintFinding[] {
  const { at } = item;
  const found = (kind: LintKind, message: string): LintFinding[] => [{ kind, at, message }];
  switch (item.kind) {
    case 'any':
    case 'key':
      return [];
    case 'digest':
      return item.until > now
        ? []
        : found('pin-lapsed', `the ${signerInWords(item)} counted until ${item.lastDay}, and no longer does`);
    case 'openpgp': {
      const key = keys.get(item.fingerprint);
      if (key === undefined)
        return found(
          'key-not-in-keys',
          `no signature by ${signerInWords(item)} can be checked: the key is not in keys`,
        );
      if (key.expires === undefined || key.expires > now) return [];
      return found('key-expired', `the key ${signerInWords(item)} expired at ${formatTime(key.expires)}`);
    }
    case 'identity': {
      const refs = refsOf(item.identity);
      const words = signerInWords(item);
      return [
        ...(refs.pullRequests
          ? found('pull-request-identity', `anybody who opens a pull request can have the ${words}`)
          : []),
        ...(refs.branches
          ? found('glob-over-refs', `every branch of the repository can have the ${words}`)
          : []),
      ];
    }
  }
}

function pastTheGate({ repositories, downloaders }: LintSurroundings): LintFinding[] {
  const plain = repositories.filter(({ url }) => !isGated(url.toLowerCase()));
  const rivals = downloaders.filter(
    ({ protocols, isOurs }) => !isOurs && protocols.some((protocol) => isGated(protocol.toLowerCase())),
  );
  return [
    ...plain.map(({ name, url }): LintFinding => ({
      kind: 'plain-repository',
      message: `helm install and helm pull ask no policy about charts of the repository ${name} (${url}): verify them before`,
    })),
    ...rivals.map(({ name, protocols }): LintFinding => ({
      kind: 'rival-plugin',
      message: `the plugin ${name} fetches charts for ${protocols.join(', ')}, and may do so in place of this one`,
    })),
  ];
}
