import type { Config, enums } from 'openpgp';
import type * as Parts from './library-parts.ts';

/** The OpenPGP library, and the configuration that every call must be given. */
export interface Library {
  readonly openpgp: Pick<typeof Parts, 'PublicKeyPacket' | 'SignaturePacket'>;
  readonly config: Config;
}

/** Loads the library, which costs more than most commands: only when a signature must be verified. */
export async function loadOpenpgp(): Promise<Library> {
  loading ??= load();
  return await loading;
}

let loading: Promise<Library> | undefined;

/** The library's own configuration is a mutable global; this one is a frozen copy, with what matters spelt out. */
async function load(): Promise<Library> {
  const openpgp = await import('./library-parts.ts');
  const config = Object.freeze({
    ...openpgp.config,
    // Every hash must stay readable: a revocation that is not read is no revocation. Which hashes count in
    // self-signatures and in signatures over messages is decided where those are judged.
    rejectHashAlgorithms: new Set<enums.hash>(),
    rejectMessageHashAlgorithms: new Set<enums.hash>(),
    knownNotations: [],
  });
  return { openpgp, config };
}
