import type { OptionDeclaration } from './option-declaration.ts';

/** How a log of one's own is served. */
export const SERVING = {
  directory: { flags: '--dir <directory>', description: 'where the log is kept', once: true },
  listen: {
    flags: '--listen <address>',
    description: 'address and port to listen on; port 0 takes a free one',
    default: '127.0.0.1:3000',
  },
  tlsCert: {
    flags: '--tls-cert <path>',
    description: 'PEM file with the certificate to serve https with, and those between it and its authority',
    once: true,
  },
  tlsKey: {
    flags: '--tls-key <path>',
    description: 'PEM file with the private key of that certificate, without a passphrase',
    once: true,
  },
  insecureHttp: {
    flags: '--insecure-http',
    description: 'serve http to other machines too: anybody on the way sees and changes what is sent',
  },
  readOnly: { flags: '--read-only', description: 'serve what is there, and take no entries' },
  uploadTokenFile: {
    flags: '--upload-token-file <path>',
    description: 'take entries only from those who send a token of this file, which has one a line',
    once: true,
  },
  allowSigner: {
    flags: '--allow-signer <hex>',
    description:
      'take entries only of signatures by this key, by the full fingerprint of its primary key; repeatable',
    repeatable: true,
  },
  accessLog: {
    flags: '--access-log <file>',
    description: 'append a line of JSON for each request to this file; "-" is standard error',
    once: true,
  },
} as const satisfies Record<string, OptionDeclaration>;
