/** A version as Helm reads it, more loosely than Semantic Versioning 2.0.0: with one or two numbers, or a v in front, as well. */
export interface SemanticVersion {
  readonly numbers: readonly [major: bigint, minor: bigint, patch: bigint];
  /** What stands behind the dash; empty: it is a release. */
  readonly preRelease: string;
}

/** Numbers of 64 bits are below. */
const NUMBERS = 2n ** 64n;

/** The longest version, in characters, that Helm reads. */
const LONGEST = 256;

/** A version as Helm reads it; undefined if it is none. */
export function parseSemanticVersion(text: string): SemanticVersion | undefined {
  const [, major, minor = '0', patch = '0', preRelease = '', build = '0'] =
    (text.length <= LONGEST &&
      /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?$/.exec(text)) ||
    [];
  if (major === undefined) return undefined;
  const numbers = [BigInt(major), BigInt(minor), BigInt(patch)] as const;
  if (numbers.some((number) => number >= NUMBERS)) return undefined;
  const isGood = build.split('.').every((part) => part !== '') && isPreRelease(preRelease);
  return isGood ? { numbers, preRelease } : undefined;
}

/** Whether a text names one version, and no range of them: only then there are three numbers. Semantic Versioning 2.0.0, 2. */
export function isExactVersion(text: string): boolean {
  return text.length <= LONGEST_EXACT && EXACT.test(text);
}

/** In characters: longer versions are taken for ranges, which nothing satisfies. */
const LONGEST_EXACT = 200;

/** Helm takes a v in front as well. */
const EXACT = /^v?[0-9]{1,20}\.[0-9]{1,20}\.[0-9]{1,20}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;

/** No part of it is empty, or a number with a zero in front. */
function isPreRelease(text: string): boolean {
  return text === '' || text.split('.').every((part) => part !== '' && !/^0[0-9]+$/.test(part));
}

/** Below 0 where the first is the older one, 0 where they differ in nothing but build metadata. */
export function compareVersions(one: SemanticVersion, other: SemanticVersion): number {
  for (const [at, number] of one.numbers.entries()) {
    const difference = number - (other.numbers[at] ?? 0n);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return comparePreReleases(one.preRelease, other.preRelease);
}

/** Section 11.4: a release comes after all that is before it; numbers come before words, and few parts before many. */
export function comparePreReleases(one: string, other: string): number {
  if (one === '' || other === '') return Number(one === '') - Number(other === '');
  const [parts, others] = [one.split('.'), other.split('.')];
  for (let at = 0; at < Math.max(parts.length, others.length); at++) {
    const [part, otherPart] = [parts[at], others[at]];
    if (part === otherPart) continue;
    if (part === undefined || otherPart === undefined) return part === undefined ? -1 : 1;
    return comparePreReleaseParts(part, otherPart);
  }
  return 0;
}

function comparePreReleaseParts(one: string, other: string): number {
  const [isNumber, isOtherNumber] = [one, other].map(isNumberForGo);
  if (isNumber && isOtherNumber) return BigInt(one) < BigInt(other) ? -1 : 1;
  if (isNumber !== isOtherNumber) return isNumber === true ? -1 : 1;
  return one < other ? -1 : 1;
}

/** A number that does not fit into 64 bits is a word for Helm. */
function isNumberForGo(part: string): boolean {
  return /^[0-9]+$/.test(part) && BigInt(part) < NUMBERS;
}
