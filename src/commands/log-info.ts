import type { Answer, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { diagnose, statusOf } from '../cli/diagnose.ts';
import { openLog, untrusted, type OpenedLog } from '../cli/log.ts';
import type { Settings } from '../cli/settings.ts';
import type { Diagnosis } from '../errors.ts';
import { listTrees } from '../history/listed-trees.ts';
import type { TreeMemory } from '../history/tree-memory.ts';
import { conflictMembers } from '../render/conflict-text.ts';
import { rejection } from '../render/diagnosis.ts';
import { logMembers } from '../render/json.ts';
import { logInfoText, treeMembers } from '../render/log-info-text.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import { checkTree, type TreeReport } from '../verification/listed-tree.ts';

export const logInfo: CommandDefinition = {
  description:
    'Shows the trees of a log: how large they are, whether a trusted key signed them, and whether they extend what\n' +
    'was seen of them before. What holds is remembered.',
  examples: ['log info', 'log info --rekor-server https://rekor.example.com --output json'],
  options: ['rekorServer', 'rekorPublicKey', 'trustedRoot', 'firstUse', 'caFile', 'timeout', 'output'],
  run: showLog,
};

async function showLog(_: readonly string[], settings: Settings, context: Context): Promise<Answer> {
  const log = await openLog(settings, context);
  try {
    const server = log.server.href;
    const { trusted } = log;
    const trees = trusted
      ? await judgedTrees(log, trusted).finally(() => log.history.remember())
      : await listedTrees(log);
    const diagnosis = trusted ? firstFailure(trees) : diagnose(untrusted(server));
    return {
      status: diagnosis ? statusOf(diagnosis) : 0,
      text: logInfoText(trees, server, trusted?.source.detail ?? 'nothing'),
      document: {
        log: logMembers(server, trusted),
        trees: trees.map(treeMembers),
        ...conflictMembers(log.history),
      },
      ...(diagnosis && { diagnoses: [diagnosis] }),
      afterwards: log.afterwards,
    };
  } finally {
    log.close();
  }
}

/** What the log says of its trees, whatever that is worth. */
async function listedTrees(log: OpenedLog): Promise<TreeReport[]> {
  const { trees } = await listTrees(log.connect(), []);
  return trees.map((tree) => ({ ...tree, state: stateOf(tree), checks: [], lastSeen: undefined }));
}

/** The trees that the log lists and those that it should, each held against what was seen before. */
async function judgedTrees({ history, connect }: OpenedLog, trusted: TrustedLog): Promise<TreeReport[]> {
  const asked = { log: trusted, client: connect() };
  const { trees: before } = history;
  const listing = await history.list(asked);
  const reports: TreeReport[] = [];
  for (const tree of listing.trees) {
    const { head } = tree;
    const shown = head && { head, offset: undefined, answeredAt: listing.answeredAt };
    const past = shown ? await history.pastOfHead(shown, asked) : { kind: 'first' as const };
    const memory = before.find(({ logId, treeId }) => logId === head?.logId && treeId === tree.treeId);
    const lastSeen = memory && lastSeenOf(memory);
    reports.push({ ...tree, state: stateOf(tree), checks: checkTree(tree, past), lastSeen });
  }
  for (const { memory, past } of history.missingFrom(listing, trusted.url)) {
    const [head] = memory.heads;
    const checks = checkTree({ ...head, head }, past);
    reports.push({ ...head, state: 'missing', checks, lastSeen: lastSeenOf(memory) });
  }
  return reports;
}

function stateOf({ isActive }: { readonly isActive: boolean }): TreeReport['state'] {
  return isActive ? 'active' : 'inactive';
}

function lastSeenOf({ sightings, heads }: TreeMemory): TreeReport['lastSeen'] {
  return sightings.at(-1) ?? { size: heads[0].size };
}

function firstFailure(trees: readonly TreeReport[]): Diagnosis | undefined {
  for (const { treeId, checks } of trees) {
    const failure = checks.find(({ outcome }) => outcome === 'failed');
    if (failure !== undefined) return rejection(failure, `tree ${treeId}`);
  }
  return undefined;
}
