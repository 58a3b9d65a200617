import { UsageError } from '../errors.ts';
import type { LogKey } from '../tlog/log-key.ts';

/** A log: what one of these keys signed is trusted. */
export interface TrustedLog {
  readonly url: string;
  readonly keys: readonly LogKey[];
  readonly source: TrustSource;
}

/** Why these keys are trusted. */
interface TrustSource {
  readonly kind: 'public-key-file' | 'trusted-root' | 'pin' | 'built-in' | 'refreshed' | 'first-use';
  /** In words, for people. */
  readonly detail: string;
  /** The copy of Sigstore's own trusted root, if the keys come from it. */
  readonly root?: RootCopy;
}

/** A copy of Sigstore's trusted root: the built-in one of this version, or that of the last refresh. */
export interface RootCopy {
  readonly origin: 'built-in' | 'refreshed';
  /** When it was the newest, in seconds since 1970. */
  readonly asOf: number;
  /** Why the copy of the last refresh does not count; lower case, no full stop. */
  readonly passedOver?: string;
}

/** The values that the user gave, and where they come from. */
export interface TrustSetting {
  readonly values: readonly string[];
  readonly from: 'flag' | 'variable' | 'configuration' | 'default' | 'nowhere';
}

/** Which keys the user wants to trust: those of files, those of a trusted root, or the default. */
export type TrustChoice =
  | { readonly kind: 'public-key-files'; readonly paths: readonly string[] }
  | { readonly kind: 'trusted-root-file'; readonly path: string }
  | { readonly kind: 'sigstore-root' }
  | { readonly kind: 'none' };

/**
 * What the settings `--rekor-public-key` and `--trusted-root` and their variables ask for; flags come before
 * variables, and these before what a policy says.
 * @throws UsageError if both are given by flags, or both by variables and none by a flag
 */
export function chooseTrust(publicKeys: TrustSetting, trustedRoot: TrustSetting): TrustChoice {
  for (const from of ['flag', 'variable', 'configuration'] as const) {
    const keys = publicKeys.from === from ? publicKeys.values : [];
    const root = trustedRoot.from === from ? trustedRoot.values.at(-1) : undefined;
    if (keys.length > 0 && root !== undefined)
      throw new UsageError(
        from === 'flag'
          ? 'expected --rekor-public-key or --trusted-root, found both'
          : 'expected SIGSTORE_REKOR_PUBLIC_KEY or SIGSTORE_TRUSTED_ROOT, found both',
        'leave out one of them: a log has one set of keys',
      );
    if (keys.length > 0) return { kind: 'public-key-files', paths: keys };
    if (root === 'sigstore') return { kind: 'sigstore-root' };
    if (root !== undefined) return { kind: 'trusted-root-file', path: root };
  }
  return { kind: 'none' };
}
