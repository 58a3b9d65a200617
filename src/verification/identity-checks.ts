import { didPass } from '../evidence/library-verdict.ts';
import type { SigningCertificate } from '../evidence/signing-certificate.ts';
import { equalBytes, excerpt, formatTime } from '../encoding.ts';
import type { BundleEvidence, WantedIdentity } from './bundle-evidence.ts';
import { failed, passed, type CheckResult, type Facts, type FailedResult } from './checks.ts';
import { check } from './make-checks.ts';

/** Whether a CA of the trusted root certified the signer, at that time, for code, and on a log: what it says is the fact. */
export const certificate = check(['signed-time'], checkCertificate);

/** Whether the certificate is that of a signer whom the user accepts. */
export const identity = check(['certificate'], checkIdentity);

/** Whether the key of the user is the one that signed; what the bundle calls it is not enough. */
export const bundleKey = check([], ({ bundle, signed }: BundleEvidence) =>
  bundle.verifier.kind === 'key'
    ? passed(
        `the bundle names a key, and it is tried with yours (${signed.key.asymmetricKeyType ?? 'unknown'})`,
      )
    : failed('the bundle has a certificate: it is not signed by a key'),
);

/** Whether the certificate, or the key, made the signature. What the library says of all else counts here as well. */
export const signature = check([], checkSignature);

function checkCertificate(
  { certificate: found, library }: BundleEvidence,
  { 'signed-time': time }: Pick<Facts, 'signed-time'>,
): CheckResult<SigningCertificate> {
  if (found === undefined) return failed('the bundle has no certificate');
  if (!didPass(library, 'certificate'))
    return failed(
      `no CA of the trusted root certifies the signer: ${library.kind === 'disagrees' ? library.reason : ''}`,
    );
  if (!found.isForCode) return failed('the certificate is not one for signing code');
  // The library compares it with each time that is vouched for; so does this, with the one that counts.
  if (time < found.notBefore || found.notAfter < time)
    return failed('the certificate was not valid when the signature was there', {
      expected: `${formatTime(found.notBefore)} to ${formatTime(found.notAfter)}`,
      found: formatTime(time),
    });
  return passed(`a CA of the trusted root certified ${nameOf(found)}`, found);
}

function checkIdentity(
  { identities }: BundleEvidence,
  { certificate: found }: Pick<Facts, 'certificate'>,
): CheckResult<undefined> {
  if (identities.length === 0)
    return failed('nobody said whose signature counts', {
      expected: 'an identity and its issuer',
      found: nameOf(found),
      hint: `compare this with what the publisher says of himself in another place; if it is the same, name it: ${flagsFor(found)}`,
    });
  const failures = identities.map((wanted) => differenceFrom(wanted, found));
  const [first] = failures;
  return failures.includes(undefined) || first === undefined ? passed(`signed by ${nameOf(found)}`) : first;
}

/** How a signer differs from one who is wanted; undefined: it is he. */
function differenceFrom(wanted: WantedIdentity, found: SigningCertificate): FailedResult | undefined {
  const { identity: name, issuer, sourceRepository } = found;
  if (!isOfItsKind(name) || !wanted.matches(name.value))
    return failed('somebody else signed', {
      expected: excerpt(wanted.words, 200),
      found: excerpt(name.value, 200),
    });
  if (issuer !== wanted.issuer)
    return failed('another issuer vouches for the identity', {
      expected: excerpt(wanted.issuer, 200),
      found: excerpt(issuer, 200),
    });
  const repository = wanted.sourceRepository ?? repositoryOfWorkflow(name.value);
  if (repository !== undefined && sourceRepository !== repository)
    return failed('the workflow was run for another repository', {
      expected: excerpt(repository, 200),
      found: sourceRepository === undefined ? 'none' : excerpt(sourceRepository, 200),
    });
  return undefined;
}

/** Whether an e-mail address is none that looks like a URL, and the other way round: what is asked for is text. */
function isOfItsKind({ kind, value }: SigningCertificate['identity']): boolean {
  const isUri = /^[a-z][a-z0-9+.-]*:/i.test(value);
  return kind === 'other' ? false : (kind === 'uri') === isUri;
}

/** Whether a certificate is that of a signer who is wanted. */
export function isIdentity(found: SigningCertificate, wanted: WantedIdentity): boolean {
  return differenceFrom(wanted, found) === undefined;
}

/** Who signed, for people. */
function nameOf({ identity: name, issuer }: SigningCertificate): string {
  return `${excerpt(name.value, 200)} (issuer ${excerpt(issuer, 200)})`;
}

function flagsFor({ identity: name, issuer }: SigningCertificate): string {
  return `--certificate-identity ${excerpt(name.value, 200)} --certificate-oidc-issuer ${excerpt(issuer, 200)}`;
}

/**
 * The repository of a workflow of GitHub, in which it has to have been run: anybody may call the workflow of another from
 * his own repository, and the certificate names the workflow.
 */
export function repositoryOfWorkflow(name: string): string | undefined {
  return /^https:\/\/github\.com\/[^/]+\/[^/@]+(?=\/)/.exec(name)?.[0];
}

function checkSignature({ signed, library, bundle }: BundleEvidence): CheckResult<undefined> {
  if (signed.untried !== undefined) return failed(signed.untried);
  const who = bundle.verifier.kind === 'certificate' ? 'the key of the certificate' : 'the key';
  if (!signed.holds) return failed(`${who} did not make this signature`);
  if (library.kind === 'disagrees')
    return failed(`the library of Sigstore does not accept the bundle: ${library.reason}`);
  return passed(`${who} made the signature`);
}

/** Whether what the bundle says of the signed bytes is true, for a signature over the file itself. */
export function judgeMessageDigest({
  bundle: { content },
  signed,
}: BundleEvidence): FailedResult | undefined {
  if (content.kind !== 'message' || equalBytes(content.digest.value, signed.digest)) return undefined;
  return failed('the bundle is for another file', {
    expected: Buffer.from(content.digest.value).toString('hex'),
    found: Buffer.from(signed.digest).toString('hex'),
  });
}
