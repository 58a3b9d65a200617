import type { OptionDeclaration } from './option-declaration.ts';

/** Which log it is, of which version, and what it asks of those who talk to it. */
export const CHOSEN_LOG = {
  rekorServer: {
    flags: '--rekor-server <url>',
    description: 'the transparency log; "log use" makes another one the default',
    variable: 'REKOR_SERVER',
    default: 'https://rekor.sigstore.dev',
  },
  logTokenFile: {
    flags: '--log-token-file <path>',
    description:
      'file whose first line is the token that the log, or a proxy before it, asks for (default: HELM_SIGSTORE_LOG_TOKEN)',
    once: true,
  },
  rekorVersion: {
    flags: '--rekor-version <version>',
    description: 'the version of the log (default: 1; 2 where the signing config has no other)',
    choices: ['1', '2'],
    once: true,
  },
} as const satisfies Record<string, OptionDeclaration>;
