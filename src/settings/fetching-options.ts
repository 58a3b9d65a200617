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
    description: 'the repository in which charts that are given by their names alone are',
    once: true,
  },
  devel: {
    flags: '--devel',
    description: 'take pre-releases as well where no version is given',
  },
  plainHttp: {
    flags: '--insecure-plain-http',
    description: 'fetch charts over http from other machines too',
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
