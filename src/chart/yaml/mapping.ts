import { Unquoted } from './go-scalar.ts';

/** Whether a value from a JSON or YAML document is a mapping. */
export function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Unquoted);
}

/** The members of a mapping; none where it is something else. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return isMapping(value) ? { ...value } : {};
}
