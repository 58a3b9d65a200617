/**
 * The file name that a YAML key stands for, in the forms in which Helm writes it: as it is, or in quotes
 * where YAML would take it for something else. Undefined if it has another form, which YAML readers might
 * read differently, or is not the name of a packed chart.
 */
export function readFileName(written: string): string | undefined {
  const name = written.startsWith("'") || written.startsWith('"') ? unquote(written) : plain(written);
  return name !== undefined && isArchiveName(name) ? name : undefined;
}

/** The longest name that a file system knows has 255 bytes. */
const LONGEST = 255;

/** Whether it is one part of a path, of visible characters, with the ending of an archive. */
function isArchiveName(name: string): boolean {
  if (Buffer.byteLength(name) > LONGEST || /[/\\]/.test(name)) return false;
  return isVisible(name) && name.toLowerCase().endsWith('.tgz');
}

/** Of ASCII these are all visible characters. To compile the classes of Unicode costs more than all else of a provenance. */
function isVisible(name: string): boolean {
  return /^[ -~]+$/.test(name) || /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u.test(name);
}

/** A plain scalar of YAML: it does not begin as another node does, and nothing in it ends it. */
function plain(text: string): string | undefined {
  if (/^[\s,[\]{}#&*!|>'"%@`]/.test(text) || /^[-?:](?:\s|$)/.test(text)) return undefined;
  return text.includes(': ') || text.includes(' #') || text.startsWith('<<') ? undefined : text;
}

function unquote(text: string): string | undefined {
  const inside = text.slice(1, -1);
  if (text.length < 2 || text[0] !== text.at(-1)) return undefined;
  if (text[0] === "'") return /^(?:[^']|'')*$/.test(inside) ? inside.replaceAll("''", "'") : undefined;
  if (!/^(?:[^"\\]|\\(?:["\\]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}))*$/.test(inside))
    return undefined;
  return inside.replace(
    /\\(?:(["\\])|[xuU]([0-9A-Fa-f]+))/g,
    (_, itself?: string, digits?: string) => itself ?? character(parseInt(digits ?? '', 16)),
  );
}

/** The character of a code. A code that has none gives one that is not allowed in names. */
function character(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\0';
}
