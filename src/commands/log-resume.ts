import type { Answer } from '../cli/answer.ts';
import { resumeLog, type CheckpointFile } from '../embedded-log/backup/resume-log.ts';
import { UsageError } from '../errors.ts';
import { readUserFile } from '../files/user-file.ts';
import { backupMembers, backupText } from '../render/backup-text.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { logDirectoryOf } from '../settings/log-directory.ts';
import { logKeySourceOf } from '../settings/log-making.ts';
import { KEY_OF_LOG_OPTIONS } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';

const OPTIONS = ['newestCheckpoint', 'nothingNewer', 'directory', ...KEY_OF_LOG_OPTIONS] as const;

export const logResume = defineCommand({
  description:
    'Lets a restored log take entries again, if it has all that anybody is known to have seen of it: give the newest ' +
    'checkpoint that any client, monitor or evidence file has. If entries are missing, "log replay" puts them back. ' +
    'What the log signs without them is another tree, which clients reject from then on.',
  examples: [
    'log resume --dir /var/lib/chart-log --checkpoint hello-0.1.0.tgz.rekor.json',
    'log resume --dir /var/lib/chart-log --key /etc/chart-log/key.pem --checkpoint monitor-state.json',
    'log resume --dir /var/lib/chart-log --insecure-nothing-newer',
  ],
  options: [...OPTIONS, 'output'],
  run: resume,
});

async function resume(
  _: readonly string[],
  settings: Settings<(typeof OPTIONS)[number]>,
  { stderr, interrupted }: RunContext,
): Promise<Answer> {
  const directory = logDirectoryOf(settings);
  const paths = settings.all('newestCheckpoint');
  if (settings.has('nothingNewer') === paths.length > 0)
    throw new UsageError(
      `expected --checkpoint or --insecure-nothing-newer, found ${paths.length > 0 ? 'both' : 'none'}`,
      'name a file with the newest checkpoint that anybody has of the log: --checkpoint FILE',
    );
  const newest: CheckpointFile[] = [];
  for (const path of paths) newest.push({ path, bytes: await readUserFile(path, { interrupted }) });
  const warn = (text: string) => {
    stderr.warn(text);
  };
  const log = await resumeLog(directory, newest, { ...logKeySourceOf(settings), warn });
  if (log.newest !== undefined && log.newest < log.size)
    warn(
      `the newest checkpoint that was given has ${log.newest} entries, and the log ${log.size}: nobody showed that there were no more`,
    );
  return {
    status: 0,
    text: [`Resumed: ${directory}`, ...backupText(log)],
    document: { directory, log: backupMembers(log), checkpointSize: log.newest ?? null },
  };
}
