import { invalid, invalidity } from '../entry/refusal.ts';

/** A whole number among the query parameters, and how large it must be at least. */
export interface NumberParameter {
  readonly name: string;
  readonly minimum: number;
  /** The value when it is absent; without a fallback the parameter is required. */
  readonly fallback?: number;
}

/** The value of a number among the query parameters. @throws Refusal when it is missing or not such a number */
export function numberParameter(
  query: URLSearchParams,
  { name, minimum, fallback }: NumberParameter,
): number {
  const text = query.get(name);
  if (!text) {
    if (fallback !== undefined) return fallback;
    throw invalid(invalidity.required, `${name} in query is required`);
  }
  const value = Number(text);
  if (!/^[+-]?[0-9]+$/.test(text) || !Number.isSafeInteger(value))
    throw invalid(invalidity.type, `${name} in query must be of type int64: ${JSON.stringify(text)}`);
  if (value < minimum)
    throw invalid(invalidity.minimum, `${name} in query should be greater than or equal to ${minimum}`);
  return value;
}

/** The tree ID (decimal) among the query parameters, if there is one. @throws Refusal when it is not decimal */
export function treeIdParameter(query: URLSearchParams): string | undefined {
  const text = query.get('treeID');
  if (!text) return undefined;
  if (!/^[0-9]+$/.test(text)) throw invalid(invalidity.pattern, "treeID in query should match '^[0-9]+$'");
  return text;
}
