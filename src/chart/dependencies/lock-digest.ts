import { createHash } from 'node:crypto';
import { Unquoted } from '../yaml/go-scalar.ts';
import { isMapping } from '../yaml/mapping.ts';
import type { Dependency } from '../archive/dependencies.ts';

/**
 * The digest that Helm writes into a lock: over what Chart.yaml requires, with the URLs of repositories in place of
 * their names, and over what the lock has. It says nothing about any archive, and anybody can compute it.
 * @param required undefined where Chart.yaml has no list
 * @param locked undefined where the lock has no list
 */
export function lockDigest(
  required: readonly Dependency[] | undefined,
  locked: readonly Dependency[] | undefined,
): string {
  return digestOf(`[${listAsGo(required)},${listAsGo(locked)}]`);
}

/** The digest that Helm 2 wrote, which Helm takes for charts of apiVersion v1: over what is required alone. */
export function lockDigestOfHelm2(required: readonly Dependency[] | undefined): string {
  return digestOf(`{"dependencies":${listAsGo(required)}}`);
}

function digestOf(json: string): string {
  return `sha256:${createHash('sha256').update(json).digest('hex')}`;
}

/** As Go writes chart.Dependency: members in the order of its fields, empty ones left out if they may be. */
function listAsGo(all: readonly Dependency[] | undefined): string {
  if (all === undefined) return 'null';
  return `[${all.map(dependencyAsGo).join(',')}]`;
}

function dependencyAsGo({ name, version, repository, rest }: Dependency): string {
  const { condition, tags, enabled, importValues, alias } = rest;
  const members: readonly (readonly [string, unknown, isLeftOut: boolean])[] = [
    ['name', name, false],
    ['version', version, version === ''],
    ['repository', repository, false],
    ['condition', condition, condition === ''],
    ['tags', tags, tags.length === 0],
    ['enabled', enabled, !enabled],
    ['import-values', importValues, importValues.length === 0],
    ['alias', alias, alias === ''],
  ];
  const there = members.filter(([, , isLeftOut]) => !isLeftOut);
  return `{${there.map(([member, value]) => `"${member}":${jsonAsGo(value)}`).join(',')}}`;
}

/** As Go writes what it has read: names in order, and in text three characters escaped that HTML knows. */
function jsonAsGo(value: unknown): string {
  if (value instanceof Unquoted) return scalarInJson(value);
  if (Array.isArray(value)) return `[${value.map(jsonAsGo).join(',')}]`;
  if (isMapping(value)) {
    const members = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return `{${members.map(([name, each]) => `${jsonAsGo(name)}:${jsonAsGo(each)}`).join(',')}}`;
  }
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A number without quotes is one of 64 bits; what JavaScript reads in another way than YAML gives no digest that fits. */
function scalarInJson({ source, kind }: Unquoted): string {
  if (kind === 'truth value') return String(/^(?:y|yes|true|on)$/i.test(source));
  return JSON.stringify(Number(source.replaceAll('_', '')));
}
