// Sets of characters, as the patterns of regular expressions name them: sorted ranges of code points. Where a set
// cannot be told (Unicode properties), it is taken to be larger than it is: what is asked of it is whether two sets
// may have a character in common.

/** @typedef {readonly (readonly [number, number])[]} CharSet */

const LAST = 0x10ffff;
/** @type {CharSet} */
export const NOTHING = [];
/** @type {CharSet} */
export const ANYTHING = [[0, LAST]];
/** @type {CharSet} */
export const LINE_ENDS = [
  [10, 10],
  [13, 13],
  [0x2028, 0x2029],
];
/** @type {CharSet} */
const DIGITS = [[48, 57]];
/** @type {CharSet} */
const WORD = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
/** @type {CharSet} */
const SPACE = [
  [9, 13],
  [32, 32],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const UPPER_TO_LOWER = 32;

/**
 * All that is in one of the sets.
 * @param {readonly CharSet[]} sets
 * @returns {CharSet}
 */
export function union(sets) {
  const sorted = sets.flat().sort((a, b) => a[0] - b[0]);
  /** @type {[number, number][]} */
  const merged = [];
  for (const [from, to] of sorted) {
    const last = merged.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

/**
 * All that is not in the set.
 * @param {CharSet} set
 * @returns {CharSet}
 */
export function complement(set) {
  /** @type {[number, number][]} */
  const gaps = [];
  let next = 0;
  for (const [from, to] of union([set])) {
    if (from > next) gaps.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= LAST) gaps.push([next, LAST]);
  return gaps;
}

/**
 * Whether some character is in both.
 * @param {CharSet} a
 * @param {CharSet} b
 */
export function overlap(a, b) {
  return a.some(([from, to]) => b.some((other) => from <= other[1] && other[0] <= to));
}

/**
 * What a character, an escape or a class of a parsed pattern matches.
 * @param {import('@eslint-community/regexpp').AST.Node} node
 * @param {import('@eslint-community/regexpp').AST.Flags} flags
 * @returns {CharSet}
 */
export function charsOf(node, flags) {
  switch (node.type) {
    case 'Character':
      return bothCases([[node.value, node.value]], flags);
    case 'CharacterClassRange':
      return bothCases([[node.min.value, node.max.value]], flags);
    case 'CharacterSet':
      return escapeChars(node, flags);
    case 'CharacterClass': {
      // What is taken away has to be certain.
      const known = node.elements.filter((element) => !node.negate || isCertain(element));
      const set = union(known.map((element) => charsOf(element, flags)));
      return node.negate ? complement(set) : set;
    }
    default:
      return ANYTHING;
  }
}

/**
 * @param {import('@eslint-community/regexpp').AST.CharacterSet} node
 * @param {import('@eslint-community/regexpp').AST.Flags} flags
 * @returns {CharSet}
 */
function escapeChars(node, flags) {
  if (node.kind === 'any') return flags.dotAll ? ANYTHING : complement(LINE_ENDS);
  if (node.kind === 'property') return ANYTHING;
  const set = { digit: DIGITS, word: WORD, space: SPACE }[node.kind];
  return node.negate ? complement(set) : set;
}

/** @param {import('@eslint-community/regexpp').AST.Node} element */
function isCertain(element) {
  return (
    ['Character', 'CharacterClassRange'].includes(element.type) ||
    (element.type === 'CharacterSet' && element.kind !== 'property')
  );
}

/**
 * @param {CharSet} set
 * @param {import('@eslint-community/regexpp').AST.Flags} flags
 * @returns {CharSet}
 */
function bothCases(set, flags) {
  if (!flags.ignoreCase) return set;
  /** @type {CharSet[]} */
  const sets = [set];
  for (const [from, to] of set) {
    sets.push(shifted(Math.max(from, 65), Math.min(to, 90), UPPER_TO_LOWER));
    sets.push(shifted(Math.max(from, 97), Math.min(to, 122), -UPPER_TO_LOWER));
  }
  return union(sets);
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} by
 * @returns {CharSet}
 */
function shifted(from, to, by) {
  return from <= to ? [[from + by, to + by]] : NOTHING;
}
