import type { Answer } from '../cli/answer.ts';
import type { KeptEntries } from '../embedded-log/backup/known-entries.ts';
import { putBackEntries, type PutBackLog } from '../embedded-log/backup/put-back.ts';
import { UsageError } from '../errors.ts';
import { EVIDENCE_LIMIT } from '../evidence/evidence.ts';
import { evidenceFilesIn } from '../evidence/find.ts';
import { evidenceIn } from '../evidence/read.ts';
import { readUserFile } from '../files/user-file.ts';
import { backupMembers, backupText } from '../render/backup-text.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { logDirectoryOf } from '../settings/log-directory.ts';
import { logKeySourceOf } from '../settings/log-making.ts';
import { KEY_OF_LOG_OPTIONS } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';

const OPTIONS = ['replayedFrom', 'directory', ...KEY_OF_LOG_OPTIONS] as const;

export const logReplay = defineCommand({
  description:
    'Puts the entries back that a restored log lacks, from the evidence beside charts: with the promises and times ' +
    'that clients have, up to the newest checkpoint in that evidence, and only if the tree is then the one that was ' +
    'signed. What came later is lost. "log resume" comes next.',
  examples: [
    'log replay --dir /var/lib/chart-log --from /srv/charts',
    'log replay --dir /var/lib/chart-log --from a-1.0.0.tgz.rekor.json --from b-2.0.0.tgz.rekor.json',
  ],
  options: [...OPTIONS, 'output'],
  run: replay,
});

async function replay(
  _: readonly string[],
  settings: Settings<(typeof OPTIONS)[number]>,
  { stderr, interrupted }: RunContext,
): Promise<Answer> {
  const directory = logDirectoryOf(settings);
  const paths = settings.all('replayedFrom');
  if (paths.length === 0)
    throw new UsageError(
      '--from is expected, found none',
      'name evidence files (CHART.tgz.rekor.json), or a directory with some: --from DIRECTORY',
    );
  const warn = (text: string) => {
    stderr.warn(text);
  };
  const evidence = evidenceAt(paths, interrupted);
  const log = await putBackEntries(directory, evidence, { ...logKeySourceOf(settings), warn });
  const { added, others, beyond, known } = log;
  return {
    status: 0,
    text: [`Put Back: ${added}`, ...backupText(log), ...lossLines(log)],
    document: { directory, log: backupMembers(log), added, others, lost: beyond, checkpointSize: known },
  };
}

async function* evidenceAt(
  paths: readonly string[],
  interrupted: AbortSignal,
): AsyncGenerator<KeptEntries, void, void> {
  for (const place of paths)
    for await (const path of evidenceFilesIn(place)) {
      const bytes = await readUserFile(path, { limit: EVIDENCE_LIMIT, interrupted });
      yield { path, bytes, entries: evidenceIn(bytes, path).entries };
    }
}

/** What is not there again. */
function lossLines({ size, others, beyond, known }: PutBackLog): string[] {
  const lost = beyond === 0 ? '' : `, among them ${beyond} with a promise and in no checkpoint`;
  return [
    ...(others === 0 ? [] : [`Left Out: ${others} of other logs or trees`]),
    ...(known < size ? [`Newest Checkpoint In Evidence: ${known}`] : []),
    `Lost: what was logged after the first ${size} entries, if anything was${lost}`,
  ];
}
