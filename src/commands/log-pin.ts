import type { Answer, CommandDefinition } from '../cli/command.ts';

export const logPin: CommandDefinition = {
  arguments: '<url>',
  description:
    'Trusts the keys of a log from now on, if they are the ones that you expect. Without --fingerprint it shows\n' +
    'what the log says and trusts nothing: compare that with what its operator published.',
  examples: [
    'log pin https://rekor.example.com',
    'log pin https://rekor.example.com --fingerprint c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d',
  ],
  options: ['logFingerprint', 'timeout', 'output'],
  run: pinLog,
};
