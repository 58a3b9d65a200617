import type { Answer } from '../cli/answer.ts';
import { excerpt } from '../encoding.ts';
import { RejectedError, UsageError } from '../errors.ts';
import { forgetTree, keysOfTree } from '../history/forget-tree.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { historyDirectory } from '../run/history.ts';
import { parseLogId } from '../run/log-keys.ts';
import { typedLine } from '../run/typed-line.ts';
import type { Settings } from '../settings/settings.ts';

export const logForget = defineCommand({
  arguments: '<tree>',
  description:
    'Forgets what was seen of a tree of a log, after its operator published that entries of it are lost: until then a ' +
    'log that was restored from a backup is rejected, as is one that takes entries back. It asks for the fingerprint ' +
    "of the log's key, which the operator published with the loss. Whoever forgets a tree believes what the log shows next.",
  examples: [
    'log forget 5119480281530187337',
    'log forget 5119480281530187337 --fingerprint c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d',
  ],
  options: ['logFingerprint', 'output'],
  run: forget,
});

async function forget(
  [treeId = '']: readonly string[],
  settings: Settings<'logFingerprint'>,
  context: RunContext,
): Promise<Answer> {
  if (!/^[1-9][0-9]{0,18}$/.test(treeId))
    throw new UsageError(
      `expected the ID of a tree, a number, found ${excerpt(treeId)}`,
      'helm sigstore log info shows the trees of a log',
    );
  const directory = historyDirectory(context);
  const known = directory === undefined ? [] : await keysOfTree(directory, treeId);
  if (directory === undefined || known.length === 0)
    throw new UsageError(
      `nothing is remembered of tree ${treeId}`,
      'helm sigstore log info shows the trees of a log',
    );
  const logId = await expectedKey(treeId, settings, context);
  if (!known.includes(logId))
    throw new RejectedError(
      `tree ${treeId}, as it was seen, is not of the key ${logId}`,
      'nothing was forgotten; ask the operator of the log for the fingerprint of its key',
    );
  const removed = await forgetTree(directory, logId, treeId);
  return {
    status: 0,
    text: [`Forgot Tree: ${treeId}`, `Fingerprint: ${logId}`, ...removed.map((path) => `Removed: ${path}`)],
    document: { treeId, logId, removed },
  };
}

/** The fingerprint that the user has from the operator of the log. @throws UsageError when there is none */
async function expectedKey(
  treeId: string,
  settings: Settings<'logFingerprint'>,
  context: RunContext,
): Promise<string> {
  const given = settings.all('logFingerprint');
  if (given.length > 1) throw new UsageError(`--fingerprint is expected once, found ${given.length} times`);
  const asked = `Forget tree ${treeId}? Type the fingerprint of the log's key, as its operator published it:`;
  const text = given[0] ?? (await typedLine(asked, context));
  if (text === undefined)
    throw new UsageError(
      '--fingerprint is expected, found none',
      'give the fingerprint that the operator of the log published with the loss',
    );
  return parseLogId(text);
}
