import type { Answer, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { requireTrusted, trustSelection } from '../cli/log.ts';
import { refreshedCopyPath } from '../cli/root-refresh.ts';
import type { Settings } from '../cli/settings.ts';
import { logMembers } from '../render/json.ts';
import { logKeyMembers, trustText } from '../render/trust-text.ts';

export const trustShow: CommandDefinition = {
  description:
    'Shows whose signatures count for a log: its keys, when they are valid, and why they are trusted.\n' +
    'It asks nobody.',
  examples: ['trust show', 'trust show --rekor-server https://rekor.example.com --output json'],
  options: ['rekorServer', 'rekorPublicKey', 'trustedRoot', 'output'],
  run: showTrust,
};

async function showTrust(
  _operands: readonly string[],
  settings: Settings,
  context: Context,
): Promise<Answer> {
  const server = settings.rekorServer;
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
