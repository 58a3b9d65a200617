/**
 * A name of a member as Go compares it, in whose reader of JSON the case of names makes no difference: it folds two letters onto
 * ASCII, the long s and the sign for kelvin, beside those of other case.
 */
export function foldAsGo(name: string): string {
  return name.toLowerCase().replaceAll('\u017f', 's').replaceAll('\u212a', 'k');
}
