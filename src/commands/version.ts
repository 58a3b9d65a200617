import { defineCommand } from '../run/command.ts';
export const version = defineCommand({
  description: 'Prints the version of the plugin.',
  examples: ['version', 'version --output json'],
  options: ['output'],
  run: (_operands, _settings, { version: own }) =>
    Promise.resolve({ status: 0, text: [own], document: { version: own } }),
});
