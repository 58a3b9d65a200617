import { byCharacters } from './text-order.ts';

/**
 * Orders versions of a chart, the newest first, as Helm does (Semantic Versioning 2.0.0 section 11). What it calls equal
 * is ordered by its characters, so that the order is always the same.
 */
export function newestFirst(a: string, b: string): number {
  const [one, other] = [partsOf(a), partsOf(b)];
  for (const [at, number] of one.numbers.entries()) {
    const difference = (other.numbers[at] ?? 0n) - number;
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return byPreRelease(other.preRelease, one.preRelease) || byCharacters(b, a);
}

interface Parts {
  readonly numbers: readonly bigint[];
  /** Empty: it is a release. */
  readonly preRelease: readonly string[];
}

/** Of a version that Helm takes: up to three numbers, perhaps with a v in front. */
function partsOf(version: string): Parts {
  const [core = '', ...rest] = (version.split('+')[0] ?? '').split('-');
  const numbers = core.replace(/^v/, '').split('.');
  const preRelease = rest.join('-');
  return {
    numbers: [0, 1, 2].map((at) => numberIn(numbers[at])),
    preRelease: preRelease === '' ? [] : preRelease.split('.'),
  };
}

/** At most twenty digits: no version has more, and no number needs longer than its digits. */
function numberIn(digits = ''): bigint {
  return /^[0-9]{1,20}$/.test(digits) ? BigInt(digits) : 0n;
}

/** Section 11.4: a release comes behind all that is before it; numbers come before words. */
function byPreRelease(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return Number(a.length === 0) - Number(b.length === 0);
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [one, other] = [a[at], b[at]];
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1;
    const order = byIdentifier(one, other);
    if (order !== 0) return order;
  }
  return 0;
}

function byIdentifier(one: string, other: string): number {
  const [isNumber, isOtherNumber] = [one, other].map((each) => /^[0-9]{1,20}$/.test(each));
  if (isNumber && isOtherNumber) {
    const difference = BigInt(one) - BigInt(other);
    return difference < 0n ? -1 : Number(difference > 0n);
  }
  if (isNumber !== isOtherNumber) return isNumber === true ? -1 : 1;
  return byCharacters(one, other);
}
