import type { Answer } from '../cli/answer.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { requireConfigurationDirectory, requirePinsDirectory } from '../run/directories.ts';
import { askForKeys, fingerprintLines, notTrustedLines, nothingPinned } from '../run/log-keys.ts';
import { LOG_KEY_OPTIONS, type LogKeyOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { UsageError } from '../errors.ts';
import { parseBaseUrl, type BaseUrl } from '../http/base-url.ts';
import type { LogKey } from '../tlog/log-key.ts';
import { logKeyMembers } from '../render/trust-text.ts';
import { removeDefaultLog, writeDefaultLog } from '../trust/default-log.ts';
import { readPin, writePin, type Pin } from '../trust/pins.ts';
import { PUBLIC_LOG } from '../trust/public-good.ts';

export const logUse = defineCommand({
  arguments: '[url]',
  description:
    'Pins a log, as "log pin" does, and uses it from now on wherever neither --rekor-server nor REKOR_SERVER ' +
    'names one: nothing goes to the public log because a variable was forgotten. A log that is pinned already ' +
    'needs no --fingerprint. The way back is --default; the pin stays until "log unpin". A Rekor v2 cannot be ' +
    'chosen, as nobody asks it for entries: --signing-config and --trusted-root name one.',
  examples: [
    'log use https://rekor.example.com --fingerprint c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d',
    'log use https://rekor.example.com',
    'log use --default',
  ],
  options: [...LOG_KEY_OPTIONS, 'publicLog', 'output'],
  run: useLog,
});

async function useLog(
  [url]: readonly string[],
  settings: Settings<LogKeyOption | 'publicLog'>,
  context: RunContext,
): Promise<Answer> {
  const server = url === undefined ? undefined : parseBaseUrl(url, 'the address of the log');
  const fingerprints = settings.all('logFingerprint');
  if (settings.has('publicLog') === (server !== undefined))
    throw new UsageError(
      `expected the address of a log or --default, found ${server === undefined ? 'none' : 'both'}`,
      'helm sigstore log use URL chooses a log, helm sigstore log use --default the public one',
    );
  if (server === undefined && fingerprints.length > 0)
    throw new UsageError('expected --default alone, found --fingerprint', 'leave out --fingerprint');
  // The keys of the public log come from Sigstore's own root, which is refreshed; a pin would not be.
  if (server === undefined || (server.href === PUBLIC_LOG && fingerprints.length === 0))
    return await usePublicLog(context);

  const known =
    fingerprints.length === 0 ? await readPin(requirePinsDirectory(context), server.href) : undefined;
  if (known !== undefined) return await makeDefault(server, known, context);
  const { keys, others, isConfirmed } = await askForKeys(server, settings, context);
  if (!isConfirmed) return nothingPinned('use', server, keys);
  const pin = { url: server.href, keys, pinnedAt: context.now() };
  const path = await writePin(requirePinsDirectory(context), pin);
  return await makeDefault(server, { ...pin, path }, context, others);
}

async function usePublicLog(context: RunContext): Promise<Answer> {
  await removeDefaultLog(requireConfigurationDirectory(context));
  warnOfVariable(PUBLIC_LOG, context);
  return {
    status: 0,
    text: [`Default Rekor Server: ${PUBLIC_LOG}`],
    document: { url: PUBLIC_LOG, default: true },
  };
}

async function makeDefault(
  { href }: BaseUrl,
  { keys, path }: Pin & { readonly path: string },
  context: RunContext,
  others: readonly LogKey[] = [],
): Promise<Answer> {
  const choice = await writeDefaultLog(requireConfigurationDirectory(context), href);
  warnOfVariable(href, context);
  return {
    status: 0,
    text: [
      `Default Rekor Server: ${href}`,
      ...fingerprintLines(keys),
      ...notTrustedLines(others),
      `Pin: ${path}`,
      `Default: ${choice}`,
    ],
    document: {
      url: href,
      keys: logKeyMembers(keys),
      notTrusted: logKeyMembers(others),
      pinned: true,
      path,
      default: true,
      defaultPath: choice,
    },
  };
}

/** Warns that `REKOR_SERVER` names another log, which is used in place of the choice. */
function warnOfVariable(href: string, { env, stderr }: RunContext): void {
  const named = env['REKOR_SERVER'];
  if (named && !isAddressOf(href, named)) stderr.warn('REKOR_SERVER names another log, and wins');
}

function isAddressOf(href: string, text: string): boolean {
  try {
    return parseBaseUrl(text, 'REKOR_SERVER').href === href;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}
