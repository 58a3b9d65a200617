import { examineGate } from '../gate/examine-gate.ts';
import { defineCommand } from '../run/command.ts';

export const gateStatus = defineCommand({
  description:
    'Shows whether the gate stands: the version of Helm, the downloader and its policy, other plugins that Helm may ask in its ' +
    'place, which repositories are behind it, and what comes past it. It changes nothing.',
  examples: ['gate status', 'gate status --output json'],
  options: ['output'],
  run: async (_, __, context) => await examineGate(context),
});
