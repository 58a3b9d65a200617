import type { Answer } from '../cli/answer.ts';
import { restoreLog } from '../embedded-log/backup/restore-log.ts';
import { UsageError } from '../errors.ts';
import { backupMembers, backupText } from '../render/backup-text.ts';
import { defineCommand } from '../run/command.ts';
import { logDirectoryOf } from '../settings/log-directory.ts';
import type { Settings } from '../settings/settings.ts';

export const logRestore = defineCommand({
  description:
    'Makes the directory of a log from a backup, after all of it was compared with what the log signed. "log serve" ' +
    'shows such a log to readers. It takes no entries before "log resume": clients may have seen entries that the ' +
    'backup does not have, and would find that the log took them back.',
  examples: ['log restore --from chart-log.tar --dir /var/lib/chart-log'],
  options: ['restoredFrom', 'directory', 'output'],
  run: restore,
});

async function restore(
  _: readonly string[],
  settings: Settings<'directory' | 'restoredFrom'>,
): Promise<Answer> {
  const from = settings.one('restoredFrom');
  if (from === undefined)
    throw new UsageError(
      '--from is expected, found none',
      'name the file of the backup: --from chart-log.tar',
    );
  const log = await restoreLog(from, logDirectoryOf(settings));
  return {
    status: 0,
    text: [
      `Restored: ${log.directory}`,
      ...backupText(log),
      `Private Key: ${log.hasKey ? 'restored' : 'not in the backup: name its file with --key'}`,
      'Next: helm sigstore log resume, with the newest checkpoint that anybody has',
    ],
    document: { directory: log.directory, log: backupMembers(log), hasKey: log.hasKey },
  };
}
