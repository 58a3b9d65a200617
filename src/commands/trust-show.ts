import type { Answer } from '../cli/answer.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { requireTrusted, trustSelection } from '../run/trusted-keys.ts';
import { rekorServerOf } from '../settings/addresses.ts';
import { refreshedCopyPath } from '../run/refreshed-root-directory.ts';
import { TRUST_OPTIONS, type TrustOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { logMembers } from '../render/json.ts';
import { logKeyMembers, trustText } from '../render/trust-text.ts';

export const trustShow = defineCommand({
  description:
    'Shows whose signatures count for a log: its keys, when they are valid, and why they are trusted. ' +
    'It asks nobody.',
  examples: ['trust show', 'trust show --rekor-server https://rekor.example.com --output json'],
  options: [...TRUST_OPTIONS, 'output'],
  run: showTrust,
});

async function showTrust(
  _operands: readonly string[],
  settings: Settings<TrustOption>,
  context: RunContext,
): Promise<Answer> {
  const server = rekorServerOf(settings);
  const select = trustSelection(settings, context);
  const trusted = requireTrusted({ server, trusted: await select() });
  const copy = trusted.source.root?.origin === 'refreshed' ? refreshedCopyPath(context) : undefined;
  return {
    status: 0,
    text: trustText(trusted, copy, context.now()),
    document: {
      log: logMembers(server.href, trusted),
      keys: logKeyMembers(trusted.keys),
      ...(copy !== undefined && { copy }),
    },
  };
}
