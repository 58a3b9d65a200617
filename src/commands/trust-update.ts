import type { Answer } from '../cli/answer.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { refreshedCopyPath } from '../run/refreshed-root-directory.ts';
import { openRootRefresh } from '../run/root-refresh.ts';
import { TUF_OPTIONS, type TufOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { tufMirrorOf } from '../settings/addresses.ts';
import { timeLimitOf } from '../settings/time-limit.ts';
import { logMembers } from '../render/json.ts';
import { logKeyMembers, trustText } from '../render/trust-text.ts';
import { PUBLIC_LOG } from '../trust/public-good.ts';
import { logOfRoot, rootOfRefresh } from '../trust/sigstore-root.ts';

export const trustUpdate = defineCommand({
  description:
    "Fetches Sigstore's trusted root, with the keys of the public log, and keeps it. What its TUF " +
    'repository says is proven from a root that is built in: a mirror can hold news back, not forge them.',
  examples: ['trust update', 'trust update --mirror https://tuf.example.com --ca-file ca.pem'],
  options: [...TUF_OPTIONS, 'output'],
  run: updateTrust,
});

async function updateTrust(
  _operands: readonly string[],
  settings: Settings<TufOption>,
  context: RunContext,
): Promise<Answer> {
  const root = await openRootRefresh(
    {
      repository: tufMirrorOf(settings),
      timeLimit: timeLimitOf(settings),
      caFile: settings.one('caFile'),
    },
    context,
  ).update();
  const log = logOfRoot(PUBLIC_LOG, rootOfRefresh(root), false);
  const copy = refreshedCopyPath(context);
  return {
    status: 0,
    text: trustText(log, copy, context.now()),
    document: { log: logMembers(PUBLIC_LOG, log), keys: logKeyMembers(log.keys), copy },
  };
}
