import { excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { withoutTrailing } from '../trailing.ts';
import { normaliseReference } from './asked-reference.ts';
import { PolicyError } from './policy-error.ts';
import { listItems, PolicyMembers, locatedText, type Located } from './policy-members.ts';
import { requireBeside } from './policy-path.ts';
import { parsePolicyRule } from './policy-rule.ts';
import { readPolicyYaml, type PolicyNode } from './policy-yaml.ts';
import type { Policy, PolicyLog, PolicyRule } from './policy.ts';

/** How many bytes a policy may have: it is reviewed by people. */
export const POLICY_LIMIT = 1 << 20;

/**
 * The policy in the text of a file, read strictly: what is not known, stands twice or can have no effect is a mistake.
 * @throws PolicyError naming the first mistake, and where it is
 */
export function parsePolicy(text: string): Policy {
  const members = new PolicyMembers(readPolicyYaml(text), 'a policy', NAMES);
  const version = members.requiredText('version');
  if (version.value !== '1')
    throw new PolicyError(
      version.at,
      `expected version 1 of policies, found ${excerpt(version.value)}`,
      'a later version of this program may know it',
    );
  const root = members.text('trustedRoot');
  return {
    keys: members
      .list('keys', MOST_FILES)
      ?.map((node) => requireBeside(locatedText(node, 'an item of keys'))),
    trustedRoot: root === undefined || root.value === 'sigstore' ? root : requireBeside(root),
    logs: logsIn(members.list('logs', MOST_LOGS) ?? []),
    rules: rulesIn(members.list('rules', MOST_RULES) ?? []),
    otherwise: members.choice('otherwise', ['deny', 'warn', 'allow']),
    unpacked: members.choice('unpacked', ['deny', 'allow']),
    dependencyUpdate: members.choice('dependencyUpdate', ['deny', 'allow']),
  };
}

const NAMES = [
  'version',
  'keys',
  'trustedRoot',
  'logs',
  'rules',
  'otherwise',
  'unpacked',
  'dependencyUpdate',
] as const;

const [MOST_FILES, MOST_LOGS, MOST_RULES] = [100, 20, 500];

/** In all rules together: each pattern is compared with all before it, to tell which rules never decide. */
const [MOST_PATTERNS, MOST_PATTERN_CHARACTERS] = [2000, 128 * 1024];

function rulesIn(nodes: readonly PolicyNode[]): readonly PolicyRule[] {
  const rules = new Map<string, PolicyRule>();
  let [patterns, characters] = [0, 0];
  for (const node of nodes) {
    const rule = parsePolicyRule(node);
    for (const { value, at } of rule.charts) {
      characters += value.length;
      if (++patterns > MOST_PATTERNS || characters > MOST_PATTERN_CHARACTERS)
        throw new PolicyError(
          at,
          `expected at most ${MOST_PATTERNS} patterns for charts, of ${MOST_PATTERN_CHARACTERS} characters together, found more`,
        );
    }
    const before = rules.get(rule.name);
    if (before !== undefined)
      throw new PolicyError(
        rule.at,
        `expected each rule to have a name of its own, found ${excerpt(rule.name)} again (first in line ${before.at.line})`,
      );
    rules.set(rule.name, rule);
  }
  return [...rules.values()];
}

function logsIn(nodes: readonly PolicyNode[]): readonly PolicyLog[] {
  const logs = new Map<string, PolicyLog>();
  for (const node of nodes) {
    const log = logIn(node);
    if (logs.has(log.url.value))
      throw new PolicyError(log.url.at, `expected each log once, found ${excerpt(log.url.value)} again`);
    logs.set(log.url.value, log);
  }
  return [...logs.values()];
}

function logIn(node: PolicyNode): PolicyLog {
  const members = new PolicyMembers(node, 'a log', ['url', 'publicKeys', 'checkpoints']);
  const filesIn = (name: 'publicKeys' | 'checkpoints') => {
    const files = members.node(name);
    return (
      files &&
      listItems(files, name, MOST_FILES).map((item) => requireBeside(locatedText(item, `an item of ${name}`)))
    );
  };
  return {
    url: logUrl(members.requiredText('url')),
    publicKeys: filesIn('publicKeys'),
    checkpoints: filesIn('checkpoints') ?? [],
  };
}

/** The address of a server, in the form in which logs are known. */
function logUrl({ value, at }: Located): Located {
  if (!/^https?:\/\/[^?#]*$/i.test(value))
    throw new PolicyError(at, `expected the https URL of a log without a query, found ${excerpt(value)}`);
  try {
    return { value: withoutTrailing(normaliseReference(value), '/'), at };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new PolicyError(at, `expected the https URL of a log, found ${excerpt(value)}: ${error.message}`);
  }
}
