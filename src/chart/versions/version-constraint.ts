import {
  comparePreReleases,
  compareVersions,
  parseSemanticVersion,
  type SemanticVersion,
} from './semantic-version.ts';

/** Whether a version is one of those that a dependency asks for. */
export type VersionConstraint = (version: SemanticVersion) => boolean;

/**
 * A constraint on versions, as Helm reads it (Masterminds/semver 3.5): groups with `||` between them, in each of which all must
 * hold. Undefined if it is none.
 */
export function parseVersionConstraint(text: string): VersionConstraint | undefined {
  const parts = text.split('||');
  if (text.length > LONGEST || parts.length > MAX_GROUPS) return undefined;
  const groups = parts.map(parseGroup);
  if (!groups.every((group) => group !== undefined)) return undefined;
  return (version) => groups.some((group) => group(version));
}

/** Whether this is a version within this range; false where one of them is none. */
export function isVersionInRange(version: string, range: string): boolean {
  const parsed = parseSemanticVersion(version);
  return parsed !== undefined && parseVersionConstraint(range)?.(parsed) === true;
}

/** Helm's own limits: in characters, and in groups. */
const LONGEST = 512;
const MAX_GROUPS = 32;

/** One comparison, such as `>=1.2`. */
interface Comparison {
  readonly operator: string;
  readonly bound: SemanticVersion;
  /** How many of its three numbers are there; the rest may be any. */
  readonly known: number;
}

const VERSION =
  /v?([0-9xX*]+)(?:\.([0-9xX*]+))?(?:\.([0-9xX*]+))?(-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?/y;
const OPERATOR = /\s*(!=|>=|=>|<=|=<|~>|=|>|<|~|\^|)\s*/y;
const UP_TO = /\s+-\s+/y;
const SEPARATOR = /\s*,\s*|\s+/y;

function parseGroup(text: string): VersionConstraint | undefined {
  const comparisons: Comparison[] = [];
  for (let at = 0; ;) {
    const operator = matchAt(OPERATOR, text, at);
    const version = matchAt(VERSION, text, at + (operator?.[0].length ?? 0));
    if (operator === undefined || version === undefined) return undefined;
    at += operator[0].length + version[0].length;
    const dash = matchAt(UP_TO, text, at);
    const upper = dash && matchAt(VERSION, text, at + dash[0].length);
    if (dash && upper) at += dash[0].length + upper[0].length;
    // A range such as "1.2 - 2.3" is two comparisons, and has no operator of its own.
    if (upper && operator[1] !== '') return undefined;
    const found = upper
      ? [comparisonOf('>=', version), comparisonOf('<=', upper)]
      : [comparisonOf(operator[1] ?? '', version)];
    for (const comparison of found) {
      if (comparison === undefined) return undefined;
      comparisons.push(comparison);
    }
    const separator = matchAt(SEPARATOR, text, at)?.[0] ?? '';
    if (at + separator.length === text.length && !separator.includes(',')) break;
    if (separator === '') return undefined;
    at += separator.length;
  }
  // One pre-release in a group admits all of them.
  const admitsPreReleases = comparisons.some(({ bound }) => bound.preRelease !== '');
  return (version) =>
    (version.preRelease === '' || admitsPreReleases) &&
    comparisons.every((comparison) => HOLDS[comparison.operator]?.(version, comparison) === true);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

function comparisonOf(operator: string, [, ...matched]: RegExpExecArray): Comparison | undefined {
  const parts: readonly (string | undefined)[] = matched;
  const numbers = parts.slice(0, 3);
  const firstUnknown = numbers.findIndex((part) => part === undefined || /^[xX*]$/.test(part));
  const known = firstUnknown < 0 ? 3 : firstUnknown;
  const there = [...numbers.slice(0, known), '0', '0', '0'].slice(0, 3);
  const bound = parseSemanticVersion(`${there.join('.')}${parts[3] ?? ''}`);
  return bound && { operator, bound, known };
}

type Holds = (version: SemanticVersion, comparison: Comparison) => boolean;

const greaterOrEqual: Holds = (version, { bound }) => compareVersions(version, bound) >= 0;

const lessOrEqual: Holds = (version, { bound, known }) => {
  if (known === 3) return compareVersions(version, bound) <= 0;
  const [major, minor] = version.numbers;
  const [boundMajor, boundMinor] = bound.numbers;
  return !(major > boundMajor || (major === boundMajor && minor > boundMinor && known !== 1));
};

const greater: Holds = (version, { bound, known }) => {
  const [major, minor] = version.numbers;
  const [boundMajor, boundMinor] = bound.numbers;
  if (known === 3 || known === 0) return compareVersions(version, bound) > 0;
  if (major !== boundMajor) return major > boundMajor;
  return known === 2 && minor > boundMinor;
};

const tilde: Holds = (version, { bound, known }) => {
  if (compareVersions(version, bound) < 0) return false;
  if (bound.numbers.every((number) => number === 0n) && (known === 3 || known === 0)) return true;
  const [major, minor] = version.numbers;
  return major === bound.numbers[0] && (minor === bound.numbers[1] || known === 1);
};

const equal: Holds = (version, comparison) =>
  comparison.known === 3 ? compareVersions(version, comparison.bound) === 0 : tilde(version, comparison);

const notEqual: Holds = (version, { bound, known }) => {
  const [major, minor] = version.numbers;
  if (known === 3 || known === 0) return compareVersions(version, bound) !== 0;
  if (major !== bound.numbers[0]) return true;
  if (known === 1) return false;
  return minor !== bound.numbers[1] || comparePreReleases(version.preRelease, bound.preRelease) !== 0;
};

const caret: Holds = (version, { bound, known }) => {
  if (compareVersions(version, bound) < 0) return false;
  const [major, minor, patch] = version.numbers;
  const [boundMajor, boundMinor, boundPatch] = bound.numbers;
  if (boundMajor > 0n || known === 1) return major === boundMajor;
  if (major > 0n) return false;
  if (boundMinor > 0n || known === 2) return minor === boundMinor;
  return minor === 0n && patch === boundPatch;
};

const HOLDS: Readonly<Record<string, Holds>> = {
  '': equal,
  '=': equal,
  '!=': notEqual,
  '>': greater,
  '<': (version, { bound }) => compareVersions(version, bound) < 0,
  '>=': greaterOrEqual,
  '=>': greaterOrEqual,
  '<=': lessOrEqual,
  '=<': lessOrEqual,
  '~': tilde,
  '~>': tilde,
  '^': caret,
};
