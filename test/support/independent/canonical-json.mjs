// Canonical JSON (RFC 8785), as far as entries of a log need it: objects, ASCII text, whole numbers.
// Nothing here imports `src/`.

/**
 * The value as canonical JSON: members in the order of their names, no white space.
 * @param {unknown} value
 * @returns {string}
 */
export function canonicalJson(value) {
  if (typeof value === 'string' && /^[ !#-[\]-~]*$/.test(value)) return `"${value}"`;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return `${value}`;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${canonicalJson(name)}:${canonicalJson(member)}`).join(',')}}`;
  }
  throw new Error(`not written here as canonical JSON: ${String(value)}`);
}
