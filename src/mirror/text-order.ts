/** Orders texts by their characters, for lists whose order is always the same. */
export function byCharacters(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
