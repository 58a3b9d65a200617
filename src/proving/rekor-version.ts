import { InputError, UsageError } from '../errors.ts';
import type { RunContext } from '../run/context.ts';
import type { Settings } from '../settings/settings.ts';

/**
 * Which version of Rekor is uploaded to: what the user says; else 2 where the signing config that he names has no other,
 * and 1 without one.
 * @throws UsageError if the signing config leaves the choice, or is about another version
 * @throws InputError if it cannot be read
 */
export async function rekorVersionOf(
  settings: Settings<'rekorVersion' | 'signingConfig'>,
  { now, interrupted }: Pick<RunContext, 'now' | 'interrupted'>,
): Promise<1 | 2> {
  const version = settings.one('rekorVersion');
  if (version === '2') return 2;
  const file = settings.one('signingConfig');
  if (file === undefined) return 1;
  if (version === '1')
    throw new UsageError(
      'expected --rekor-version 2 beside --signing-config, found 1',
      'name a log of version 1 with --rekor-server',
    );
  const [{ loadSigningConfig }, { versionsOfLogs }] = await Promise.all([
    import('../services/signing-config.ts'),
    import('../services/choose-services.ts'),
  ]);
  const versions = versionsOfLogs(await loadSigningConfig(file, interrupted), now());
  if (versions.has(2) && !versions.has(1)) return 2;
  if (versions.has(2))
    throw new UsageError(
      `${file} names logs of the versions 1 and 2, and --rekor-version says neither`,
      'give --rekor-version 2; a log of version 1 is named with --rekor-server',
    );
  throw new InputError(
    `expected ${file} to name a log of version 2 that is valid now, found none`,
    'name a log of version 1 with --rekor-server, without --signing-config',
  );
}
