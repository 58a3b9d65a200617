import { withoutCredentials } from '../redaction.ts';

/**
 * The text as one line that is safe on a terminal. Characters that are invisible, or that move or reverse
 * others, are written as `\uXXXX`; URLs are without credentials.
 */
export function printableLine(text: string): string {
  return escapeUnseen(withoutCredentials(text));
}

/**
 * JSON (RFC 8259) of the value, with the same characters escaped. Line breaks are only between members. It
 * parses to the same strings, but without the credentials of URLs.
 * @param indent how many blanks a level has; without it all is on one line
 */
export function printableJson(value: unknown, indent?: number): string {
  const json = JSON.stringify(value, (_, member: unknown) => redacted(member), indent);
  return json.includes('\n') ? json.split('\n').map(escapeUnseen).join('\n') : escapeUnseen(json);
}

/**
 * The text with its control and format characters, line separators, lone surrogates, and all other characters that are never
 * drawn, escaped. In ASCII these are what is not between blank and tilde; to compile the classes of Unicode takes half a millisecond.
 */
function escapeUnseen(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu, escape);
}

/** The escape of a character; one outside the basic plane gives two, one for each surrogate. */
function escape(character: string): string {
  let escaped = '';
  for (let at = 0; at < character.length; at++)
    escaped += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  return escaped;
}

function redacted(member: unknown): unknown {
  return typeof member === 'string' ? withoutCredentials(member) : member;
}
