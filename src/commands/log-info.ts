import type { Answer } from '../cli/answer.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { diagnose, statusOf } from '../cli/diagnose.ts';
import { withLog } from '../run/log.ts';
import { untrusted } from '../run/trusted-keys.ts';
import { LOG_OPTIONS, type LogOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import type { Diagnosis } from '../errors.ts';
import { judgeTrees } from '../proving/judge-trees.ts';
import { conflictMembers } from '../render/conflict-text.ts';
import { rejection } from '../render/diagnosis.ts';
import { logMembers } from '../render/json.ts';
import { logInfoText, treeMembers } from '../render/log-info-text.ts';
import type { TreeReport } from '../verification/listed-tree.ts';

export const logInfo = defineCommand({
  description:
    'Shows the trees of a log: how large they are, whether a trusted key signed them, and whether they extend what ' +
    'was seen of them before. What holds is remembered.',
  examples: ['log info', 'log info --rekor-server https://rekor.example.com --output json'],
  options: [...LOG_OPTIONS, 'output'],
  run: showLog,
});

async function showLog(
  _: readonly string[],
  settings: Settings<LogOption>,
  context: RunContext,
): Promise<Answer> {
  const seen = await withLog(settings, context, judgeTrees);
  const { result: trees, server, trusted } = seen;
  const diagnosis = trusted ? firstFailure(trees) : diagnose(untrusted(server));
  return {
    status: diagnosis ? statusOf(diagnosis) : 0,
    text: logInfoText(trees, server, trusted?.source.detail ?? 'nothing'),
    document: { log: logMembers(server, trusted), trees: trees.map(treeMembers), ...conflictMembers(seen) },
    ...(diagnosis && { diagnoses: [diagnosis] }),
  };
}

function firstFailure(trees: readonly TreeReport[]): Diagnosis | undefined {
  for (const { treeId, report } of trees)
    if (report.kind === 'refuted') return rejection(report.failure, `tree ${treeId}`);
  return undefined;
}
