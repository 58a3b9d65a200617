// Whether a regular expression takes time linear in its text, whatever the text is.
//
// A pattern costs more than that in two ways. It is tried from every position, and scans the same run each time
// (`/ +$/`). Or one run can be matched in several ways, and all of them are tried before it fails (`/^\s*\n\s*x/`,
// `/^(a+)+$/`). So an unbounded repetition is taken only where
//   1. nothing behind it can fail, or what follows cannot begin with what is repeated, or it stands alone (not in
//      another repetition, and no further unbounded one behind it), so that giving back is tried once for each
//      character; and
//   2. matching starts at one place (`^`, or the flag y; with the flag m also the start of a line, if no repetition
//      leaves the line), or nothing behind it can fail, or the pattern begins with a character that no repetition
//      takes, so that no two attempts scan the same run.
// Within a repetition, there is one way to match: alternatives begin differently, and what is optional differs from
// what follows it.

import { RegExpParser } from '@eslint-community/regexpp';
import { ANYTHING, charsOf, complement, LINE_ENDS, NOTHING, overlap, union } from './char-set.mjs';

/** @typedef {import('./char-set.mjs').CharSet} CharSet */
/** @typedef {import('@eslint-community/regexpp').AST.Node} Node */
/** @typedef {import('@eslint-community/regexpp').AST.Quantifier} Quantifier */
/** @typedef {import('@eslint-community/regexpp').AST.Alternative} Alternative */
/**
 * What may stand behind a part of the pattern: the characters that it may begin with, whether it always matches
 * (`safe`), whether it can match nothing, and whether an unbounded repetition is in it.
 * @typedef {{ chars: CharSet, safe: boolean, unbounded: boolean, atEnd: boolean }} Rest
 */

/** A repetition that is bounded by no more than this only costs a factor. */
const BOUNDED = 256;
/** @type {Rest} */
const END = { chars: NOTHING, safe: true, unbounded: false, atEnd: false };

/**
 * Why the pattern may take more than linear time; `undefined` if it may not.
 * @param {string} source without the slashes
 * @param {string} flags
 * @returns {string | undefined}
 * @throws SyntaxError if it is no pattern
 */
export function whyNotLinear(source, flags) {
  const literal = new RegExpParser().parseLiteral(`/${source}/${flags}`);
  for (const alternative of literal.pattern.alternatives) {
    const why = new Analysis(literal.flags, alternative).complaint();
    if (why !== undefined) return why;
  }
  return undefined;
}

/** The analysis of one alternative of a pattern, from its end to its start. */
class Analysis {
  #flags;
  #alternative;
  /** Whether no two attempts to match scan the same run. */
  #startsOnce;

  /**
   * @param {import('@eslint-community/regexpp').AST.Flags} flags
   * @param {Alternative} alternative
   */
  constructor(flags, alternative) {
    this.#flags = flags;
    this.#alternative = alternative;
    this.#startsOnce = this.#isAnchored() || this.#beginsApart();
  }

  /** @returns {string | undefined} */
  complaint() {
    return this.#checkSequence(this.#alternative, END, false);
  }

  /**
   * @param {Alternative} sequence
   * @param {Rest} rest
   * @param {boolean} repeated
   * @returns {string | undefined}
   */
  #checkSequence(sequence, rest, repeated) {
    let behind = rest;
    for (const element of sequence.elements.toReversed()) {
      const why = this.#check(element, behind, repeated);
      if (why !== undefined) return why;
      behind = this.#before(element, behind);
    }
    return undefined;
  }

  /**
   * @param {Node} node
   * @param {Rest} rest what stands behind it
   * @param {boolean} repeated whether it stands in a repetition
   * @returns {string | undefined}
   */
  #check(node, rest, repeated) {
    switch (node.type) {
      case 'Quantifier':
        return this.#checkQuantifier(node, rest, repeated);
      case 'Group':
      case 'CapturingGroup': {
        const firsts = node.alternatives.map((alternative) => this.#beforeAll(alternative, rest).chars);
        if (
          repeated &&
          firsts.some((first, index) => firsts.slice(index + 1).some((other) => overlap(first, other)))
        )
          return `alternatives of ${node.raw}, which is repeated, may begin alike`;
        return first(node.alternatives, (alternative) => this.#checkSequence(alternative, rest, repeated));
      }
      case 'Assertion':
        if (node.kind !== 'lookahead' && node.kind !== 'lookbehind') return undefined;
        return unboundedIn(node) ? `${node.raw} looks without a bound` : undefined;
      case 'Backreference':
        return `${node.raw} repeats what was matched`;
      default:
        return undefined;
    }
  }

  /**
   * @param {Quantifier} node
   * @param {Rest} rest
   * @param {boolean} repeated
   * @returns {string | undefined}
   */
  #checkQuantifier(node, rest, repeated) {
    const { raw, element, max } = node;
    const again = max > 1;
    const alone = this.#before(element, END);
    const behind = again ? either(alone, rest, node.min <= 1 && rest.safe) : rest;
    const inside = this.#check(element, behind, repeated || again);
    if (inside !== undefined) return inside;
    if (again && alone.safe) return `${raw} repeats what may match nothing`;
    if (rest.safe || (isUnbounded(node) && this.#reachesEnd(node, rest))) return undefined;
    const ambiguous = node.min !== max && overlap(alone.chars, rest.chars);
    if (repeated && ambiguous) return `${raw} and what follows it may match the same, within a repetition`;
    if (!isUnbounded(node)) return undefined;
    if (ambiguous && (rest.unbounded || unboundedIn(element)))
      return `${raw} and what follows it may match the same run in several ways`;
    return this.#startsOnce ? undefined : `${raw} is tried from every position, and what follows it may fail`;
  }

  /**
   * Whether the repetition always comes to where `$` holds.
   * @param {Quantifier} node
   * @param {Rest} rest
   */
  #reachesEnd({ element, greedy }, rest) {
    // What takes several characters may stop within them.
    if (!rest.atEnd || !greedy || !isOneCharacter(element)) return false;
    const stops = complement(charsOf(element, this.#flags));
    return this.#flags.multiline ? !overlap(stops, complement(LINE_ENDS)) : stops.length === 0;
  }

  #isAnchored() {
    if (this.#flags.sticky) return true;
    if (!leadsWithStart(this.#alternative)) return false;
    return !this.#flags.multiline || !overlap(this.#repeatedChars(this.#alternative), LINE_ENDS);
  }

  /** Whether the alternative begins with a character that no unbounded repetition of it takes. */
  #beginsApart() {
    const start = this.#beforeAll(this.#alternative, END);
    return !start.safe && !overlap(start.chars, this.#repeatedChars(this.#alternative));
  }

  /**
   * All characters that unbounded repetitions take.
   * @param {Node} node
   * @returns {CharSet}
   */
  #repeatedChars(node) {
    if (node.type === 'Quantifier' && isUnbounded(node)) return this.#allChars(node.element);
    return union(children(node).map((child) => this.#repeatedChars(child)));
  }

  /**
   * @param {Node} node
   * @returns {CharSet}
   */
  #allChars(node) {
    const parts = children(node);
    return parts.length > 0 || node.type === 'Assertion'
      ? union(parts.map((part) => this.#allChars(part)))
      : charsOf(node, this.#flags);
  }

  /**
   * @param {Alternative} sequence
   * @param {Rest} rest
   * @returns {Rest}
   */
  #beforeAll(sequence, rest) {
    return sequence.elements.reduceRight((behind, element) => this.#before(element, behind), rest);
  }

  /**
   * What stands behind, seen from before this part.
   * @param {Node} node
   * @param {Rest} rest
   * @returns {Rest}
   */
  #before(node, rest) {
    switch (node.type) {
      case 'Quantifier': {
        const once = this.#before(node.element, rest);
        const body = { ...once, unbounded: once.unbounded || isUnbounded(node), safe: false, atEnd: false };
        if (node.min > 0) return body;
        return { ...either(body, rest, rest.safe), atEnd: false };
      }
      case 'Group':
      case 'CapturingGroup': {
        const ways = node.alternatives.map((alternative) => this.#beforeAll(alternative, rest));
        return ways.reduce((a, b) => either(a, b, a.safe || b.safe));
      }
      case 'Assertion':
        return this.#beforeAssertion(node, rest);
      default:
        return { chars: charsOf(node, this.#flags), safe: false, unbounded: rest.unbounded, atEnd: false };
    }
  }

  /**
   * @param {import('@eslint-community/regexpp').AST.Assertion} node
   * @param {Rest} rest
   * @returns {Rest}
   */
  #beforeAssertion(node, rest) {
    const behind = { ...rest, safe: false, atEnd: false };
    if (node.kind === 'end') {
      const chars = this.#flags.multiline ? LINE_ENDS : NOTHING;
      return { ...behind, chars, atEnd: rest.safe };
    }
    return { ...behind, chars: rest.safe ? ANYTHING : rest.chars };
  }
}

/**
 * @param {Rest} a
 * @param {Rest} b
 * @param {boolean} safe
 * @returns {Rest}
 */
function either(a, b, safe) {
  return { chars: union([a.chars, b.chars]), safe, unbounded: a.unbounded || b.unbounded, atEnd: false };
}

/** @param {Quantifier} node */
function isUnbounded(node) {
  return node.max > BOUNDED;
}

/** @param {Node} node */
function isOneCharacter({ type }) {
  return type === 'Character' || type === 'CharacterClass' || type === 'CharacterSet';
}

/**
 * @param {Node} node
 * @returns {boolean}
 */
function unboundedIn(node) {
  return (node.type === 'Quantifier' && isUnbounded(node)) || children(node).some(unboundedIn);
}

/**
 * @param {Node} node
 * @returns {readonly Node[]}
 */
function children(node) {
  if (node.type === 'Quantifier') return [node.element];
  if (node.type === 'Alternative') return node.elements;
  return 'alternatives' in node ? node.alternatives : [];
}

/**
 * @param {Alternative} sequence
 * @returns {boolean}
 */
function leadsWithStart({ elements: [head] }) {
  if (head?.type === 'Assertion') return head.kind === 'start';
  return (
    (head?.type === 'Group' || head?.type === 'CapturingGroup') && head.alternatives.every(leadsWithStart)
  );
}

/**
 * @template T, R
 * @param {readonly T[]} items
 * @param {(item: T) => R | undefined} look
 * @returns {R | undefined}
 */
function first(items, look) {
  for (const item of items) {
    const found = look(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
