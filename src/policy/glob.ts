/**
 * Patterns of a policy: `*` stands for any characters but `/` and `@`, `**` for any characters at all; everything else for
 * itself. They are matched with the whole value, by following all ways through the pattern at once, 32 places of it in
 * each step: the time is that of length × length / 32, whatever the pattern.
 */
export interface Glob {
  readonly text: string;
  readonly parts: readonly GlobPart[];
}

/** A character, or a wildcard. */
type GlobPart = string | typeof STAR | typeof STARS;

const STAR = Symbol('*');
const STARS = Symbol('**');

/** The pattern of a text; undefined where three or more stars stand together, which nobody can mean. */
export function parseGlob(text: string): Glob | undefined {
  if (text.includes('***')) return undefined;
  const parts: GlobPart[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '*') parts.push(text.charAt(at));
    else if (text[at + 1] === '*') {
      parts.push(STARS);
      at++;
    } else parts.push(STAR);
  }
  return { text, parts };
}

/** Whether it has wildcards. */
export function isLiteral({ text }: Glob): boolean {
  return !text.includes('*');
}

/** Whether the pattern stands for this whole value. */
export function matchesGlob({ parts }: Glob, value: string): boolean {
  return accepts(parts, value);
}

/**
 * Whether the first pattern surely stands for every value that the second one stands for. It may say no where that would
 * take more to see.
 */
export function coversGlob({ parts }: Glob, { parts: others }: Glob): boolean {
  return accepts(parts, others);
}

/** What may take the place of each wildcard, to make a value that the pattern stands for. */
export function fillGlob({ parts }: Glob, fill: (before: string) => string): string {
  let value = '';
  for (const part of parts) value += typeof part === 'string' ? part : fill(value);
  return value;
}

/** The end of a pattern, from its last `@` on; where it has none, from its first `**` on, which may stand for one. */
export function endOf({ text, parts }: Glob): Glob | undefined {
  const at = parts.lastIndexOf('@');
  const start = at < 0 ? parts.indexOf(STARS) : at;
  return start < 0 ? undefined : { text, parts: parts.slice(start) };
}

/** Follows the parts of a pattern through a sequence of characters, or of the parts of another pattern. */
function accepts(parts: readonly GlobPart[], sequence: string | readonly GlobPart[]): boolean {
  const masks = masksOf(parts);
  const reached = enter(masks);
  for (let at = 0; at < sequence.length; at++) if (!advance(reached, masks, sequence[at] ?? '')) return false;
  return hasBit(reached, parts.length);
}

/**
 * A set of places of a pattern, as bits. Place `n` is reached when the first `n` parts stand for what was seen so far; as
 * an element of a mask, it is the place before the part `n`.
 */
type Places = Uint32Array;

/** Where in a pattern its parts are. */
interface Masks {
  readonly words: number;
  readonly literals: ReadonlyMap<string, Places>;
  readonly none: Places;
  readonly stars: Places;
  /** Both wildcards. */
  readonly wildcards: Places;
}

/** A pattern is compared with hundreds of others. */
const made = new WeakMap<readonly GlobPart[], Masks>();

function masksOf(parts: readonly GlobPart[]): Masks {
  const known = made.get(parts);
  if (known !== undefined) return known;
  const words = (parts.length >> 5) + 1;
  const literals = new Map<string, Places>();
  const [none, stars, wildcards] = [0, 0, 0].map(() => new Uint32Array(words)) as [Places, Places, Places];
  parts.forEach((part, place) => {
    if (typeof part === 'string') {
      const places = literals.get(part) ?? new Uint32Array(words);
      literals.set(part, addBit(places, place));
    } else addBit(wildcards, place);
    if (part === STARS) addBit(stars, place);
  });
  const masks = { words, literals, none, stars, wildcards };
  made.set(parts, masks);
  return masks;
}

/** What is reached before anything was seen. */
function enter({ words, wildcards }: Masks): Places {
  const reached = addBit(new Uint32Array(words), 0);
  return hasBit(wildcards, 0) ? addBit(reached, 1) : reached;
}

/**
 * Goes on from all places at once: a part that stands for what is seen leads to the next place, a wildcard that does
 * stays. A wildcard may stand for nothing, so what is behind it is reached with it; no two stand side by side.
 * @returns whether any place is reached
 */
function advance(
  reached: Places,
  { words, literals, none, stars, wildcards }: Masks,
  seen: GlobPart,
): boolean {
  const literal = (typeof seen === 'string' ? literals.get(seen) : undefined) ?? none;
  const staying = seen === STARS || seen === '/' || seen === '@' ? stars : wildcards;
  let [any, passed, skipped] = [0, 0, 0];
  for (let word = 0; word < words; word++) {
    const from = reached[word] ?? 0;
    const passing = from & (literal[word] ?? 0);
    const next = (passing << 1) | passed | (from & (staying[word] ?? 0));
    const skipping = next & (wildcards[word] ?? 0);
    reached[word] = next | (skipping << 1) | skipped;
    [passed, skipped] = [passing >>> 31, skipping >>> 31];
    any |= reached[word] ?? 0;
  }
  return any !== 0;
}

function addBit(places: Places, place: number): Places {
  places[place >> 5] = (places[place >> 5] ?? 0) | (1 << (place & 31));
  return places;
}

function hasBit(places: Places, place: number): boolean {
  return (((places[place >> 5] ?? 0) >>> (place & 31)) & 1) === 1;
}
