import type { Answer } from '../cli/answer.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { requirePinsDirectory } from '../run/directories.ts';
import { askForKeys, fingerprintLines, notTrustedLines, nothingPinned } from '../run/log-keys.ts';
import { LOG_KEY_OPTIONS, type LogKeyOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { parseBaseUrl } from '../http/base-url.ts';
import { logKeyMembers } from '../render/trust-text.ts';
import { writePin } from '../trust/pins.ts';

export const logPin = defineCommand({
  arguments: '<url>',
  description:
    'Trusts the keys of a log from now on, if they are the ones that you expect. Without --fingerprint it shows ' +
    'what the log says and trusts nothing: compare that with what its operator published. A log that was rotated has a key for each ' +
    'of its trees; of the older ones those are not trusted that you leave out, such as a stolen one. ' +
    '"log use" does the same and makes the log the default, "log unpin" takes it back.',
  examples: [
    'log pin https://rekor.example.com',
    'log pin https://rekor.example.com --fingerprint c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d',
  ],
  options: [...LOG_KEY_OPTIONS, 'output'],
  run: pinLog,
});

async function pinLog(
  [url = '']: readonly string[],
  settings: Settings<LogKeyOption>,
  context: RunContext,
): Promise<Answer> {
  const server = parseBaseUrl(url, 'the address of the log');
  const { keys, others, isConfirmed } = await askForKeys(server, settings, context);
  if (!isConfirmed) return nothingPinned('pin', server, keys);
  const path = await writePin(requirePinsDirectory(context), {
    url: server.href,
    keys,
    pinnedAt: context.now(),
  });
  return {
    status: 0,
    text: [
      `Pinned Rekor Server: ${server.href}`,
      ...fingerprintLines(keys),
      ...notTrustedLines(others),
      `Pin: ${path}`,
    ],
    document: {
      url: server.href,
      keys: logKeyMembers(keys),
      notTrusted: logKeyMembers(others),
      pinned: true,
      path,
    },
  };
}
