/**
 * Vectors as a text of JSON with one case on each line, so that a change shows which cases it changes.
 * @param {Readonly<Record<string, string | readonly object[]>>} vectors
 */
export function vectorText(vectors) {
  const members = Object.entries(vectors).map(([name, value]) => {
    if (typeof value === 'string') return `"${name}": ${JSON.stringify(value)}`;
    return `"${name}": [\n${value.map((each) => JSON.stringify(each)).join(',\n')}\n]`;
  });
  return `{\n${members.join(',\n')}\n}\n`;
}
