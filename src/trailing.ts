/**
 * The text without these characters at its end. Takes time linear in what is removed. A pattern such as `/
 * +$/` may take quadratic time, because it is tried from every blank.
 */
export function withoutTrailing(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
