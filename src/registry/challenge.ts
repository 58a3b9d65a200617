/** What a server wants before it answers: RFC 9110 11.3. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** By lower-case name. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * The challenges of `WWW-Authenticate` headers that were joined (RFC 9110 11.6.1). What is no challenge ends the list: it
 * is never guessed at.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: Challenge[] = [];
  if (header.length > HEADER_LIMIT) return challenges;
  let parameters: Map<string, string> | undefined;
  for (let at = skip(header, 0, ' \t,'); at < header.length; at = skip(header, at, ' \t,')) {
    const name = tokenAt(header, at);
    if (name === '') return challenges;
    const behind = skip(header, at + name.length, ' \t');
    if (header.charAt(behind) !== '=') {
      parameters = new Map();
      challenges.push({ scheme: name.toLowerCase(), parameters });
      at = behind;
      continue;
    }
    const value = valueAt(header, skip(header, behind + 1, ' \t'));
    // A parameter that is given twice would mean one thing to us and another to the next reader.
    if (value === undefined || parameters === undefined || parameters.has(name.toLowerCase()))
      return challenges.slice(0, -1);
    parameters.set(name.toLowerCase(), value.text);
    at = value.end;
  }
  return challenges;
}

const HEADER_LIMIT = 8 << 10;
const TOKEN = /[A-Za-z0-9!#$%&'*+.^_`|~-]/;

function tokenAt(header: string, start: number): string {
  let end = start;
  while (end < header.length && TOKEN.test(header.charAt(end))) end++;
  return header.slice(start, end);
}

/** A token or a quoted string, and the index behind it. */
function valueAt(header: string, start: number): { readonly text: string; readonly end: number } | undefined {
  if (header.charAt(start) !== '"') {
    const text = tokenAt(header, start);
    return text === '' ? undefined : { text, end: start + text.length };
  }
  let text = '';
  for (let at = start + 1; at < header.length; at++) {
    const character = header.charAt(at);
    if (character === '"') return { text, end: at + 1 };
    text += character === '\\' ? header.charAt(++at) : character;
  }
  return undefined;
}

function skip(header: string, from: number, characters: string): number {
  let at = from;
  while (at < header.length && characters.includes(header.charAt(at))) at++;
  return at;
}
