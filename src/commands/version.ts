import type { CommandDefinition } from '../cli/command.ts';

export const version: CommandDefinition = {
  description: 'Prints the version of the plugin.',
  examples: ['version', 'version --output json'],
  options: ['output'],
  run: (_operands, _settings, { version: own }) =>
    Promise.resolve({ status: 0, text: `${own}\n`, document: { version: own } }),
};
