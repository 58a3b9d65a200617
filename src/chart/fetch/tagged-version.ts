import { UsageError } from '../../errors.ts';
import type { OciReference } from './reference.ts';
import { isExactVersion } from '../versions/semantic-version.ts';

/** The tag of a version: a tag cannot have the plus sign of build metadata, so Helm writes an underscore. */
export function tagOf(version: string): string {
  return version.replaceAll('+', '_');
}

/** The version of a tag, as {@link tagOf} wrote it. */
export function versionOf(tag: string): string {
  return tag.replaceAll('_', '+');
}

/** The same tag with or without a v in front, as some publishers write their versions: cert-manager has v1.18.2. */
export function otherSpelling(tag: string): string {
  return tag.startsWith('v') ? tag.slice(1) : `v${tag}`;
}

/**
 * Refuses a tag that is no version, and a version that is not that of the tag.
 * @param given what `--version` says
 * @param version the same without a v in front, if it is exact
 * @throws UsageError
 */
export function requireSameVersion(
  { tag }: OciReference,
  given: string | undefined,
  version: string | undefined,
): void {
  if (tag !== undefined && !isExactVersion(versionOf(tag)))
    throw new UsageError(
      `expected a tag that is a version, found ${tag}`,
      'name the chart by its version, or by the digest of its manifest: oci://HOST/PATH/NAME@sha256:DIGEST',
    );
  if (given === undefined) return;
  if (version === undefined)
    throw new UsageError(
      'expected --version to be one version beside a tag or a digest, found a range',
      'leave out the tag to let Helm choose the version',
    );
  if (tag !== undefined && tag.replace(/^v/, '') !== tagOf(version))
    throw new UsageError(
      `--version ${version} and the tag ${tag} are different versions`,
      'leave out one of them',
    );
}
