import { isExactVersion } from '../chart/versions/semantic-version.ts';
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
