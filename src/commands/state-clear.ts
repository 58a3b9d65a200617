import type { Answer } from '../cli/answer.ts';
import { compiledCodeDirectory } from '../run/compiled-code.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { historyDirectory } from '../run/history.ts';
import { refreshedRootDirectory } from '../run/refreshed-root-directory.ts';
import type { Settings } from '../settings/settings.ts';
import { clearState } from '../installation/state.ts';

export const stateClear = defineCommand({
  description:
    'Removes what was remembered of logs (the history behind the check "consistency"), the last copy of ' +
    "Sigstore's trusted root, and what Node compiled of this program. Pins are configuration, and stay.",
  examples: ['state clear', 'state clear --output json'],
  options: ['output'],
  run: clear,
});

async function clear(_: readonly string[], _settings: Settings<never>, context: RunContext): Promise<Answer> {
  const directories = [
    historyDirectory(context),
    refreshedRootDirectory(context),
    compiledCodeDirectory(context),
  ];
  const removed = await clearState(directories.filter((directory) => directory !== undefined));
  const text = removed.length === 0 ? ['Nothing to remove'] : removed.map((path) => `Removed: ${path}`);
  return { status: 0, text, document: { removed } };
}
