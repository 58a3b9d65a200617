import { changeGate } from '../gate/change-gate.ts';
import { defineCommand } from '../run/command.ts';

export const gateDisable = defineCommand({
  arguments: '[repository...]',
  description:
    'Takes repositories from behind the gate: Helm fetches their charts itself again, and nobody verifies them. What is kept ' +
    'for a repository stays.',
  examples: ['gate disable acme', 'gate disable --all'],
  options: ['allRepositories', 'output'],
  run: async (names, settings, context) =>
    await changeGate('disable', names, settings.has('allRepositories'), context),
});
