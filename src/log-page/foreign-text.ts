import { printableLine } from '../render/printable.ts';

/** The most characters of a foreign text that are shown. */
const MOST = 160;

/**
 * Text that somebody else wrote, for a text node: one line, cut, and with characters that are invisible or turn others around
 * written as `\uXXXX`, as on a terminal.
 */
export function foreignText(text: string): string {
  return line(text, text.length > MOST, `${text.length.toLocaleString('en')} characters`);
}

/** The same of UTF-8 bytes; those that are none become U+FFFD. */
export function foreignUtf8(bytes: Uint8Array): string {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, 8 * MOST));
  return line(text, text.length > MOST, `${bytes.length.toLocaleString('en')} bytes`);
}

function line(text: string, isLong: boolean, size: string): string {
  const shown = printableLine(text.slice(0, 2 * MOST));
  if (!isLong && shown.length <= 2 * MOST) return shown;
  return `${Array.from(shown).slice(0, MOST).join('')}… (${size})`;
}
