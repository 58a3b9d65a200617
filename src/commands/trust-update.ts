import type { Answer, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { openRootRefresh, refreshedCopyPath } from '../cli/root-refresh.ts';
import type { Settings } from '../cli/settings.ts';
import { logMembers } from '../render/json.ts';
import { logKeyMembers, trustText } from '../render/trust-text.ts';
import { PUBLIC_LOG } from '../trust/public-good.ts';
import { logOfRoot, rootOfRefresh } from '../trust/sigstore-root.ts';

export const trustUpdate: CommandDefinition = {
  description:
    "Fetches Sigstore's trusted root, with the keys of the public log, and keeps it. What its TUF\n" +
    'repository says is proven from a root that is built in: a mirror can hold news back, not forge them.',
  examples: ['trust update', 'trust update --mirror https://tuf.example.com --ca-file ca.pem'],
  options: ['tufMirror', 'caFile', 'timeout', 'output'],
  run: updateTrust,
};

async function updateTrust(
  _operands: readonly string[],
  settings: Settings,
  context: Context,
): Promise<Answer> {
  const root = await openRootRefresh(settings, context, settings.one('caFile')).update();
  const log = logOfRoot(PUBLIC_LOG, rootOfRefresh(root), false);
  const copy = refreshedCopyPath(context);
  return {
    status: 0,
    text: trustText(log, copy, context.now()),
    document: { log: logMembers(PUBLIC_LOG, log), keys: logKeyMembers(log.keys), copy },
  };
}
