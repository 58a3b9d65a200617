/** The most characters of a token; servers take headers of a few kilobytes. */
const LONGEST_TOKEN = 4096;

/** Whether a text is a token that a header can carry (RFC 6750 2.1, `b64token`), of so many characters at least. */
export function isBearerToken(text: string, shortest: number): boolean {
  return text.length >= shortest && text.length <= LONGEST_TOKEN && /^[A-Za-z0-9._~+/-]+=*$/.test(text);
}

/** What a token consists of, for messages. */
export function tokenForm(shortest: number): string {
  return `a token of ${shortest} to ${LONGEST_TOKEN} letters, digits and - . _ ~ + / =`;
}
