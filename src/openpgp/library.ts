import type * as Openpgp from 'openpgp';

/** The OpenPGP library, and the configuration that every call must be given. */
export interface Library {
  readonly openpgp: typeof Openpgp;
  readonly config: Openpgp.Config;
}

/** Loads the library, which costs more than most commands: only when a signature must be verified. */
export async function loadOpenpgp(): Promise<Library> {
  loading ??= load();
  return await loading;
}

let loading: Promise<Library> | undefined;

/** The library's own configuration is a mutable global; this one is a frozen copy, with what matters spelt out. */
async function load(): Promise<Library> {
  const openpgp = await import('openpgp');
  const { hash } = openpgp.enums;
  const config = Object.freeze({
    ...openpgp.config,
    // SHA-1 must stay readable in self-signatures and revocations: a revocation that is not read is no revocation.
    // Whether it counts in the signature over a message, `weaknessOfHash` and the user decide.
    rejectHashAlgorithms: new Set([hash.md5, hash.ripemd]),
    rejectMessageHashAlgorithms: new Set([hash.md5, hash.ripemd]),
    knownNotations: [],
  });
  return { openpgp, config };
}
