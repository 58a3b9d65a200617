/**
 * Patterns of a policy: `*` stands for any characters but `/` and `@`, `**` for any characters at all; everything else for
 * itself. They are matched with the whole value, by following all ways through the pattern at once: the time is that of
 * length × length, whatever the pattern.
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
  return accepts(parts, [...splitUnits(value)]);
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

function* splitUnits(value: string): Generator<string> {
  for (let at = 0; at < value.length; at++) yield value.charAt(at);
}

/** Follows the parts of a pattern through a sequence of characters, or of the parts of another pattern. */
function accepts(parts: readonly GlobPart[], sequence: readonly GlobPart[]): boolean {
  // Place `n` is reached when the first `n` parts stand for what was seen so far.
  let reached = closure(new Uint8Array(parts.length + 1).fill(1, 0, 1), parts);
  for (const seen of sequence) {
    const next = new Uint8Array(parts.length + 1);
    parts.forEach((part, place) => {
      if (reached[place] === 0 || !takes(part, seen)) return;
      next[typeof part === 'string' ? place + 1 : place] = 1;
    });
    if (!next.includes(1)) return false;
    reached = closure(next, parts);
  }
  return reached[parts.length] === 1;
}

/** A wildcard may stand for nothing: what is behind it is reached with it. */
function closure(reached: Uint8Array, parts: readonly GlobPart[]): Uint8Array {
  parts.forEach((part, place) => {
    if (reached[place] === 1 && typeof part !== 'string') reached[place + 1] = 1;
  });
  return reached;
}

function takes(part: GlobPart, seen: GlobPart): boolean {
  if (part === STARS) return true;
  if (part === STAR) return seen === STAR || (typeof seen === 'string' && seen !== '/' && seen !== '@');
  return part === seen;
}
