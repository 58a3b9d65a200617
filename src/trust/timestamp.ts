import { excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';

/**
 * Whole seconds since 1970 of an RFC 3339 time in UTC.
 * @throws MalformedError on any other text
 */
export function parseTimestamp(text: string): number {
  const isTime = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?Z$/.test(text);
  const milliseconds = isTime ? Date.parse(text) : NaN;
  if (Number.isNaN(milliseconds))
    throw new MalformedError(`expected a time such as 2026-11-25T13:00:00Z, found ${excerpt(text)}`);
  return Math.floor(milliseconds / 1000);
}
