import { excerpt } from '../encoding.ts';
import { UsageError } from '../errors.ts';
import type { Settings } from '../settings/settings.ts';

/** Which version of a chart the user wants. */
export interface WantedVersion {
  /** The words that say so to `helm pull`. */
  readonly words: readonly string[];
  /** The version, if only one will do. */
  readonly exact: string | undefined;
  /** Else the versions that will do; absent: all. */
  readonly range?: string;
}

/**
 * The version that the settings ask for, with Helm's meaning: one of three numbers is exact, everything else a range.
 * @throws UsageError on a version that is no text for Helm
 */
export function wantedVersion(settings: Settings<'version' | 'devel'>): WantedVersion {
  const version = settings.one('version');
  if (version === undefined) return { words: settings.has('devel') ? ['--devel'] : [], exact: undefined };
  if (version.length > 200 || /[\p{C}]/u.test(version))
    throw new UsageError(
      `expected --version to be a version or a range of versions, found ${excerpt(version)}`,
    );
  const words = [`--version=${version}`];
  return isExactVersion(version) ? { words, exact: version } : { words, exact: undefined, range: version };
}

/** Whether only one version will do. */
export function isExactVersion(version: string): boolean {
  return version.length <= 200 && EXACT.test(version);
}

/** Three numbers, perhaps with a pre-release and build metadata. Helm takes a v in front as well. SemVer 2.0.0, 2. */
const EXACT = /^v?[0-9]{1,20}\.[0-9]{1,20}\.[0-9]{1,20}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
