import { isMapping, membersOf } from '../chart/yaml/mapping.ts';
import { parseYaml } from '../chart/yaml/yaml.ts';
import { UsageError } from '../errors.ts';
import { behindTheGate, GATE_PREFIX, isGated } from '../gate-schemes.ts';
import { isLoopback } from '../http/base-url.ts';

/** The same repository behind the gate. @throws UsageError if it cannot be there */
export function gatedAddress(address: string): string {
  if (isGated(address)) return address;
  const { protocol, hostname } = new URL(address);
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname)))
    return `${GATE_PREFIX}${protocol}${address.slice(address.indexOf(':') + 1)}`;
  throw new UsageError(
    protocol === 'http:'
      ? 'plain http to another machine cannot be behind the gate: others on the way can change what comes'
      : `the scheme ${protocol.slice(0, -1)} belongs to another plugin of Helm`,
    'add the repository by its https URL',
  );
}

/** The same repository without the gate. @throws UsageError if Helm itself knows no such repository */
export function plainAddress(address: string): string {
  if (!isGated(address)) return address;
  const plain = behindTheGate(address);
  if (!plain.startsWith('oci://')) return plain;
  throw new UsageError(
    'Helm itself has no repositories of registries',
    `helm repo remove removes it; its chart is ${plain}`,
  );
}

/**
 * The text of `repositories.yaml` with another address of one repository, and without any other change: what is kept for it,
 * comments and order stay. Undefined if that cannot be done.
 */
export function withAddress(text: string, name: string, address: string): string | undefined {
  const before = documentOf(text);
  const entry = before.find((each) => each['name'] === name);
  const old = entry?.['url'];
  if (typeof old !== 'string' || old === '') return undefined;
  const wanted = before.map((each) => (each === entry ? { ...each, url: address } : each));
  for (let at = text.indexOf(old); at >= 0; at = text.indexOf(old, at + 1)) {
    const changed = text.slice(0, at) + address + text.slice(at + old.length);
    if (isSame(changed, wanted)) return changed;
  }
  return undefined;
}

function isSame(text: string, wanted: readonly object[]): boolean {
  try {
    return JSON.stringify(documentOf(text)) === JSON.stringify(wanted);
  } catch {
    return false;
  }
}

function documentOf(text: string): readonly Readonly<Record<string, unknown>>[] {
  const { repositories } = membersOf(parseYaml(text, MAX_NODES));
  return Array.isArray(repositories) ? repositories.filter(isMapping).map(membersOf) : [];
}

const MAX_NODES = 40_000;
