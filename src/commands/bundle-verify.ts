import type { Answer } from '../cli/answer.ts';
import { UsageError } from '../errors.ts';
import { verifyFile } from '../proving/verify-file.ts';
import { bundleText } from '../render/bundle-text.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { sigstoreTrustOf } from '../run/sigstore-trust.ts';
import { wantedSignersOf } from '../run/wanted-signers.ts';
import { BUNDLE_SIGNER_OPTIONS, type BundleSignerOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';

export const bundleVerify = defineCommand({
  arguments: '<file>',
  description:
    'Judges a local file by its Sigstore bundle, without a network: who signed it, that a log has the signature, and when ' +
    'it was there. You name the signer: --certificate-identity with --certificate-oidc-issuer, or --key. Nothing is said of ' +
    'charts, names or policies: that is what "verify" does.',
  examples: [
    'bundle verify hello-0.1.0.tgz --bundle hello-0.1.0.tgz.sigstore.json --certificate-identity release@example.com --certificate-oidc-issuer https://accounts.example.com',
    'bundle verify checksums.txt --bundle checksums.txt.sigstore.json --key release.pem',
  ],
  options: [...BUNDLE_SIGNER_OPTIONS, 'sigstoreBundle', 'predicateType', 'trustedRoot', 'verbose', 'output'],
  run: verifyBundle,
});

async function verifyBundle(
  [path = '']: readonly string[],
  settings: Settings<BundleSignerOption | 'sigstoreBundle' | 'predicateType' | 'trustedRoot' | 'verbose'>,
  context: RunContext,
): Promise<Answer> {
  const signers = await wantedSignersOf(settings, context);
  if (signers.identities.length === 0 && signers.keys.length === 0)
    throw new UsageError(
      'expected a signer: --certificate-identity with --certificate-oidc-issuer, or --key, found none',
      'a good bundle by anybody proves nothing: name whose signature counts',
    );
  if (signers.identities.length > 0 && signers.keys.length > 0)
    throw new UsageError(
      'expected the identity of a signer or --key, found both',
      'a bundle is signed by one of them: which one has to hold you must say',
    );
  const { trust, detail } = await sigstoreTrustOf(settings, context);
  const predicateType = settings.one('predicateType');
  const judged = await verifyFile(path, settings.one('sigstoreBundle'), {
    signers,
    trust,
    predicateTypes: predicateType === undefined ? undefined : [predicateType],
    now: context.now(),
    interrupted: context.interrupted,
  });
  const { diagnosis, ...shown } = bundleText(judged, detail, settings.has('verbose'));
  return { status: diagnosis === undefined ? 0 : 10, ...shown, ...(diagnosis && { diagnoses: [diagnosis] }) };
}
