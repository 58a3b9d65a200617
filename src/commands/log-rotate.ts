import type { Answer } from '../cli/answer.ts';
import { rotateLog } from '../embedded-log/rotation/rotate.ts';
import { UsageError } from '../errors.ts';
import { logRotateMembers, logRotateText } from '../render/log-rotate-text.ts';
import { defineCommand } from '../run/command.ts';
import { ROTATING_OPTIONS } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';

export const logRotate = defineCommand({
  description:
    'Freezes the tree of a log, and starts a new one with a new key, which cannot be taken back. The entries of the old ' +
    'tree are served as before, under their log indexes, and its private key is not needed any more. Stop the server ' +
    'first. Users have to take the new key, with "log use" or "log pin": publish its fingerprint. docs/private-log.md ' +
    'says what a new key is worth when the old one was stolen.',
  examples: [
    'log rotate --dir /var/lib/chart-log',
    'log rotate --dir /var/lib/chart-log --key /etc/chart-log/new-key.pem',
  ],
  options: [...ROTATING_OPTIONS, 'output'],
  run: rotate,
});

async function rotate(
  _: readonly string[],
  settings: Settings<(typeof ROTATING_OPTIONS)[number]>,
): Promise<Answer> {
  const directory = settings.one('directory');
  if (directory === undefined)
    throw new UsageError('--dir is expected, found none', 'name the directory of the log: --dir ./log');
  const [keyFile, passphraseFile] = [settings.one('newLogKey'), settings.one('logPassphraseFile')];
  if (passphraseFile !== undefined && keyFile === undefined)
    throw new UsageError(
      'expected --key beside --passphrase-file, found none',
      'name the file of the new key, or leave out the passphrase: a key that is made here has none',
    );
  const rotated = await rotateLog(directory, {
    ...(keyFile !== undefined && { keyFile }),
    ...(passphraseFile !== undefined && { passphraseFile }),
  });
  return { status: 0, text: logRotateText(rotated), document: logRotateMembers(rotated) };
}
