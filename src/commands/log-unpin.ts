import type { Answer } from '../cli/answer.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { chosenLog } from '../run/default-log.ts';
import { requireConfigurationDirectory, requirePinsDirectory } from '../run/directories.ts';
import { UsageError } from '../errors.ts';
import { parseBaseUrl } from '../http/base-url.ts';
import { removeDefaultLog } from '../trust/default-log.ts';
import { removePin } from '../trust/pins.ts';
import { PUBLIC_LOG } from '../trust/public-good.ts';

export const logUnpin = defineCommand({
  arguments: '<url>',
  description:
    'No longer trusts the keys of a log that "log pin" or "log use" trusted. If it is the default log, the public ' +
    'log is the default again.',
  examples: ['log unpin https://rekor.example.com'],
  options: ['output'],
  run: unpinLog,
});

async function unpinLog([url = '']: readonly string[], _: unknown, context: RunContext): Promise<Answer> {
  const { href } = parseBaseUrl(url, 'the address of the log');
  const directory = requireConfigurationDirectory(context);
  const isDefault = (await chosenLog(context)) === href;
  // The default goes first. If the pin then cannot be removed, its log is at least no longer used by default.
  if (isDefault) await removeDefaultLog(directory);
  const wasPinned = await removePin(requirePinsDirectory(context), href);
  if (!isDefault && !wasPinned)
    throw new UsageError(`there is no pin of ${href}`, 'helm sigstore log pins lists those that there are');
  if (isDefault) context.stderr.warn(`where no log is named, the public one is used again: ${PUBLIC_LOG}`);
  return {
    status: 0,
    text: [`Unpinned Rekor Server: ${href}`, ...(isDefault ? [`Default Rekor Server: ${PUBLIC_LOG}`] : [])],
    document: { url: href, wasPinned, wasDefault: isDefault },
  };
}
