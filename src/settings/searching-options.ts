import type { OptionDeclaration } from './option-declaration.ts';

/** What a log is searched for. */
export const SEARCHING = {
  sha256: { flags: '--sha256 <hex>', description: 'search for this digest of an archive', once: true },
  email: { flags: '--email <address>', description: 'search for entries of this signer', once: true },
  searchKey: {
    flags: '--public-key <path>',
    description: 'search for entries with exactly this public key: of OpenPGP, or a PEM key or certificate',
    once: true,
  },
} as const satisfies Record<string, OptionDeclaration>;
