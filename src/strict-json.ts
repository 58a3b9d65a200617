import { MalformedError } from './errors.ts';
import { decodeUtf8, excerpt } from './encoding.ts';
import { parseJson } from './shape.ts';

/**
 * The value of JSON bytes (RFC 8259) in which no object names a member twice: readers disagree about which of
 * the two counts, so such bytes could mean one thing to us and another to the next reader.
 * @throws MalformedError on anything else.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const value = parseJson(bytes);
  refuseDuplicateMembers(decodeUtf8(bytes));
  return value;
}

// In text that is known to be JSON, a string before a colon is the name of a member, and brackets outside
// strings open and close its objects and arrays.
function refuseDuplicateMembers(json: string): void {
  const open: (Set<string> | undefined)[] = [];
  let quoted = '';
  for (let at = 0; at < json.length; at++) {
    const character = json.charAt(at);
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = endOfString(json, at);
      quoted = json.slice(at, end);
      at = end - 1;
    } else if (character === ':') {
      const name = JSON.parse(quoted) as string;
      const names = open.at(-1);
      if (names?.has(name)) throw new MalformedError(`JSON names the member ${excerpt(name)} twice`);
      names?.add(name);
    }
  }
}

/** Behind the quote that ends the string which starts there: one without a backslash before it that counts. */
function endOfString(json: string, start: number): number {
  for (let from = start + 1; ;) {
    const quote = json.indexOf('"', from);
    let backslash = quote;
    while (backslash > from && json.charAt(backslash - 1) === '\\') backslash--;
    if ((quote - backslash) % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}
