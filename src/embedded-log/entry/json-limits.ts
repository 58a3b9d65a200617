import { LIMITS } from '../limits.ts';

/**
 * Why this JSON must not be parsed: it nests deeper, or has more values, than any honest request. Each
 * bracket and comma may cost a hundred bytes of memory in the parser. Looks at each byte once, and does not
 * check that it is JSON.
 */
export function excessOf(json: Uint8Array): string | undefined {
  let [depth, values] = [0, 0];
  let isInString = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (isInString) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) isInString = false;
    } else if (byte === QUOTE) isInString = true;
    else if (byte === OPEN_BRACKET || byte === OPEN_BRACE) {
      values++;
      if (++depth > LIMITS.jsonDepth) return `JSON nested more than ${LIMITS.jsonDepth} deep`;
    } else if (byte === CLOSE_BRACKET || byte === CLOSE_BRACE) depth--;
    else if (byte === COMMA && ++values > LIMITS.jsonValues)
      return `JSON of more than ${LIMITS.jsonValues} values`;
  }
  return undefined;
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_BRACKET, CLOSE_BRACKET] = [0x5b, 0x5d];
const [OPEN_BRACE, CLOSE_BRACE] = [0x7b, 0x7d];
