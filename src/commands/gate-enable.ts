import { changeGate } from '../gate/change-gate.ts';
import { defineCommand } from '../run/command.ts';

export const gateEnable = defineCommand({
  arguments: '[repository...]',
  description:
    'Puts repositories that helm repo add knows behind the gate: their charts then come only if the policy accepts them. What ' +
    'is kept for a repository, such as its credentials, stays. Helm first fetches its index through the gate; if that fails, the ' +
    'repository stays as it is.',
  examples: ['gate enable acme', 'gate enable --all'],
  options: ['allRepositories', 'output'],
  run: async (names, settings, context) =>
    await changeGate('enable', names, settings.has('allRepositories'), context),
});
