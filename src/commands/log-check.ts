import type { Answer } from '../cli/answer.ts';
import { startProgress } from '../cli/progress.ts';
import { checkLog } from '../embedded-log/check/check-log.ts';
import { logCheckText } from '../render/log-check-text.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { logDirectoryOf } from '../settings/log-directory.ts';
import type { Settings } from '../settings/settings.ts';

export const logCheck = defineCommand({
  description:
    'Looks at all that the directory of a log holds, without its server: entries, promises, times, hashes, checkpoints, ' +
    'index, of the tree that grows and of those that were frozen. It names what is damaged, and changes nothing. Stop the server first, or check a copy.',
  examples: ['log check --dir /var/lib/chart-log', 'log check --dir /var/lib/chart-log --output json'],
  options: ['directory', 'output'],
  run: checkDirectory,
});

async function checkDirectory(
  _: readonly string[],
  settings: Settings<'directory'>,
  context: RunContext,
): Promise<Answer> {
  const directory = logDirectoryOf(settings);
  const progress = startProgress(context);
  const check = await checkLog(directory, (looked, of) => {
    progress.show(`looked at ${looked} of ${of} entries`);
  }).finally(() => {
    progress.clear();
  });
  const { count, log, frozen, findings } = check;
  const places = count === 1 ? 'one place' : `${count} places`;
  return {
    status: count === 0 ? 0 : 10,
    text: logCheckText(check),
    document: { directory: check.directory, log: log ?? null, frozen, damaged: count, findings },
    ...(count > 0 && {
      diagnoses: [
        {
          code: 'REJECTED',
          message: `the log in ${check.directory} is damaged in ${places}`,
          hint: 'restore what is named from the newest backup; the directory "index" and the files for tile clients are made again at the next start',
        },
      ],
    }),
  };
}
