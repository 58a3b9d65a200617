import type { InTotoStatement, StatementSubject } from '../evidence/in-toto-statement.ts';
import { parseStatement } from '../evidence/in-toto-statement.ts';
import { excerpt } from '../encoding.ts';
import type { BundleEvidence } from './bundle-evidence.ts';
import { failed, passed, skipped, type CheckResult } from './checks.ts';
import { judgeMessageDigest } from './identity-checks.ts';
import { check } from './make-checks.ts';

/** Whether the file is the one that was signed, or the only subject of the statement with its digest. */
export const bundleDigest = check([], judgeSubject);

/** Whether the statement is of a kind that counts; a signature over the file itself comes without one. */
export const statement = check([], checkStatement);

/** Predicates that say "I released this", of charts: what others say of a file (what is in it, what is wrong with it) is no release. */
export const RELEASE_PREDICATES = [
  'https://in-toto.io/attestation/release/v0.1',
  'https://in-toto.io/attestation/release/v0.2',
  'https://slsa.dev/provenance/v1',
  'https://sigstore.dev/cosign/sign/v1',
];

/** The same, without what it stands on. */
export function judgeSubject(evidence: BundleEvidence): CheckResult<undefined> {
  const { content } = evidence.bundle;
  const found = `sha256:${evidence.sha256}`;
  if (content.kind === 'message')
    return judgeMessageDigest(evidence) ?? passed(`the bundle is for this file: ${found}`);
  const { subjects } = parseStatement(content);
  const same = subjectsOf(subjects, evidence.sha256);
  if (same.length === 0)
    return failed('the statement is about other files', {
      expected: subjects.slice(0, SHOWN).map(inWords).join(' or '),
      found,
    });
  return same.length === 1
    ? passed(`the statement is about this file: ${found}`)
    : failed('the statement names this file more than once');
}

function checkStatement({
  bundle: { content },
  predicateTypes,
  needsStatement,
}: BundleEvidence): CheckResult<InTotoStatement> {
  if (content.kind === 'message')
    return needsStatement
      ? failed('a signature over the file itself, without a statement', {
          expected: `a statement ${predicateTypes?.join(' or ') ?? 'of any kind'}`,
          found: 'none',
          hint: 'without --predicate-type it counts as well',
        })
      : skipped('a signature over the file itself, without a statement');
  const said = parseStatement(content);
  return predicateTypes === undefined || predicateTypes.includes(said.predicateType)
    ? passed(`a statement ${said.predicateType}`, said)
    : failed('the statement is of a kind that does not count', {
        expected: predicateTypes.join(' or '),
        found: excerpt(said.predicateType, 200),
        hint: 'a statement of another kind counts only where you name its kind with --predicate-type',
      });
}

/** The subjects that are this file. */
export function subjectsOf(
  subjects: readonly StatementSubject[],
  sha256: string,
): readonly StatementSubject[] {
  return subjects.filter(({ digests }) => digests['sha256'] === sha256);
}

function inWords({ name, digests }: StatementSubject): string {
  const { sha256 } = digests;
  const digest = typeof sha256 === 'string' ? `sha256:${sha256}` : 'no SHA-256';
  return excerpt(name === undefined ? digest : `${name} (${digest})`, 120);
}

const SHOWN = 3;
