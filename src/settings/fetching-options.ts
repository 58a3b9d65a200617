import type { OptionDeclaration } from './option-declaration.ts';

/** The options that say which chart is fetched, and how its server is spoken to. */
export const FETCHING = {
  version: {
    flags: '--version <range>',
    description: 'the version, or range of versions, of charts in repositories and registries',
    once: true,
  },
  repo: {
    flags: '--repo <url>',
    description: 'take charts from this repository; they are then given by their names alone',
    once: true,
  },
  devel: {
    flags: '--devel',
    description: 'take pre-releases as well where no version is given',
  },
  plainHttp: {
    flags: '--insecure-plain-http',
    description:
      'speak http with servers of charts on other machines too (for those of this machine it is not needed)',
  },
  certFile: {
    flags: '--cert-file <path>',
    description: 'PEM file with the certificate to show to the servers of charts',
    once: true,
  },
  keyFile: {
    flags: '--key-file <path>',
    description: 'PEM file with the private key of that certificate',
    once: true,
  },
} as const satisfies Record<string, OptionDeclaration>;
