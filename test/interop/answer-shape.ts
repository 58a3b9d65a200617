import type { RawAnswer } from '../support/ask.ts';

/** Headers that say how an answer was sent, and when. */
const FRAMING = ['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'];

/** What two servers must share of an answer: the status, headers, and the members of the body with their types. */
export function answerShape({ status, headers, body }: RawAnswer): object {
  const kept = Object.entries(headers).filter(([name]) => !FRAMING.includes(name));
  return {
    status,
    headers: Object.fromEntries(kept.map(([name, value]) => [name, withoutNames(String(value))])),
    body: /^[[{]/.test(body) ? valueShape(JSON.parse(body)) : withoutKey(body),
  };
}

/** A path or message without names of entries and trees, and without sizes of trees. */
export function withoutNames(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{64,}/g, 'HEX')
    .replaceAll(/[0-9]{16,}/g, 'TREE')
    .replaceAll(/(Size=|logIndex=|observable\()[0-9]+/g, '$1SIZE');
}

/** The types in a value, and the names of its members; messages as they are. */
function valueShape(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((item) => JSON.stringify(valueShape(item))))];
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      withoutNames(name),
      name === 'message' || name === 'code' ? withoutNames(String(member)) : valueShape(member),
    ]),
  );
}

function withoutKey(text: string): string {
  return text.replace(/-----BEGIN PUBLIC KEY-----[^-]*/, 'KEY');
}
