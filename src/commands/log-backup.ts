import type { Answer } from '../cli/answer.ts';
import { backUpLog } from '../embedded-log/backup/back-up.ts';
import { UsageError } from '../errors.ts';
import { backupMembers, backupText } from '../render/backup-text.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { logDirectoryOf } from '../settings/log-directory.ts';
import type { Settings } from '../settings/settings.ts';

export const logBackup = defineCommand({
  description:
    'Copies a log into one new file, also while it is served: every entry of which clients were told before. What is ' +
    'copied is compared with what the log signed. The private key stays where it is, unless --with-key says otherwise. ' +
    '"log restore" makes a directory of it.',
  examples: [
    'log backup --dir /var/lib/chart-log --to chart-log.tar',
    'log backup --dir /var/lib/chart-log --to chart-log.tar --with-key',
  ],
  options: ['directory', 'backup', 'withKey', 'output'],
  run: backUp,
});

async function backUp(
  _: readonly string[],
  settings: Settings<'directory' | 'backup' | 'withKey'>,
  { stderr }: RunContext,
): Promise<Answer> {
  const directory = logDirectoryOf(settings);
  const to = settings.one('backup');
  if (to === undefined)
    throw new UsageError('--to is expected, found none', 'name the file of the backup: --to chart-log.tar');
  const withKey = settings.has('withKey');
  const warn = (text: string) => {
    stderr.warn(text);
  };
  const log = await backUpLog(directory, to, { withKey, warn });
  return {
    status: 0,
    text: [`Backup: ${to}`, ...backupText(log), ...(withKey ? ['Private Key: in the backup'] : [])],
    document: { backup: to, log: backupMembers(log), hasKey: withKey },
  };
}
