import { parseSha256, type Sha256 } from '../digest.ts';
import { excerpt } from '../encoding.ts';
import { UsageError } from '../errors.ts';
import { spellingOf } from '../settings/options.ts';
import type { Settings } from '../settings/settings.ts';

/** Which mirror is verified. */
export interface MirrorToVerify {
  readonly directory: string;
  /** The digest that its manifest must have, if the user says it. */
  readonly manifestDigest: Sha256 | undefined;
}

/** A mirror says itself which charts it has, and has the evidence of each. */
const NOT_FOR_MIRRORS = ['fromFile', 'chartsDir', 'as', 'evidence', 'dependencies'] as const;

/** What says which mirror is verified, and what must not be said of one. */
export type MirrorSettings = Settings<'mirror' | 'manifestDigest' | (typeof NOT_FOR_MIRRORS)[number]>;

/**
 * The mirror that the settings name.
 * @throws UsageError if charts are named beside it, or something about them, or no mirror
 */
export function mirrorToVerify(operands: readonly string[], settings: MirrorSettings): MirrorToVerify {
  const directory = settings.one('mirror');
  if (directory === undefined)
    throw new UsageError('--manifest-digest is of a mirror, but --mirror names none');
  const other = NOT_FOR_MIRRORS.find((name) => settings.has(name));
  if (operands.length > 0 || other !== undefined)
    throw new UsageError(
      `expected --mirror alone, found ${other === undefined ? 'charts' : spellingOf(other)} as well: all of a mirror is verified`,
    );
  return { directory, manifestDigest: digestOf(settings.one('manifestDigest')) };
}

/** With or without `sha256:` in front. */
function digestOf(given: string | undefined): Sha256 | undefined {
  if (given === undefined) return undefined;
  const hex = given.replace(/^sha256:/, '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(hex)) return parseSha256(hex);
  throw new UsageError(
    `--manifest-digest expects the 64 hexadecimal digits of a SHA-256 digest, found ${excerpt(given)}`,
    'helm sigstore mirror prints it at its end',
  );
}
