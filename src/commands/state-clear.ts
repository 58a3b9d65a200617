import type { Answer, CommandDefinition } from '../cli/command.ts';
import { compiledCodeDirectory } from '../cli/compiled-code.ts';
import type { Context } from '../cli/context.ts';
import { historyDirectory } from '../cli/history.ts';
import { refreshedRootDirectory } from '../cli/root-refresh.ts';
import type { Settings } from '../cli/settings.ts';
import { clearState } from '../installation/state.ts';
import { lines } from '../render/chart-text.ts';

export const stateClear: CommandDefinition = {
  description:
    'Removes what was remembered of logs (the history behind the check "consistency"), the last copy of\n' +
    "Sigstore's trusted root, and what Node compiled of this program. Pins are configuration, and stay.",
  examples: ['state clear', 'state clear --output json'],
  options: ['output'],
  run: clear,
};

async function clear(_: readonly string[], _settings: Settings, context: Context): Promise<Answer> {
  const directories = [
    historyDirectory(context),
    refreshedRootDirectory(context),
    compiledCodeDirectory(context),
  ];
  const removed = await clearState(directories.filter((directory) => directory !== undefined));
  const text = removed.length === 0 ? ['Nothing to remove'] : removed.map((path) => `Removed: ${path}`);
  return { status: 0, text: lines(text), document: { removed } };
}
