import { CHART_YAML_LIMIT } from './limits.ts';
import { parseYaml } from '../yaml/yaml.ts';

/** Which key a chart says that it is signed with. Whoever made the chart wrote that, so it proves nothing. */
export interface SignKey {
  /** In lower-case hexadecimal. */
  readonly fingerprint?: string;
  /** Where the key is said to be: an https URL. */
  readonly url?: string;
}

/**
 * The annotation `artifacthub.io/signKey` of a Chart.yaml: YAML within YAML, with the members `fingerprint` and
 * `url`. `undefined` if there is none that makes sense.
 */
export function readSignKey(chartYaml: string): SignKey | undefined {
  const annotation = member(member(parse(chartYaml), 'annotations'), 'artifacthub.io/signKey');
  const named = typeof annotation === 'string' ? parse(annotation) : undefined;
  const fingerprint = asFingerprint(member(named, 'fingerprint'));
  const url = asUrl(member(named, 'url'));
  if (fingerprint === undefined && url === undefined) return undefined;
  return { ...(fingerprint !== undefined && { fingerprint }), ...(url !== undefined && { url }) };
}

function parse(yaml: string): unknown {
  if (yaml.length > CHART_YAML_LIMIT) return undefined;
  try {
    return parseYaml(yaml);
  } catch {
    return undefined; // a hint that cannot be read is ignored
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function asFingerprint(value: unknown): string | undefined {
  // Anything but text is ignored: with YAML aliases it may expand to more than fits into memory.
  if (typeof value !== 'string') return undefined;
  const hex = value.replace(/\s|^0x/g, '').toLowerCase();
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(hex) ? hex : undefined;
}

/** Nothing but an https URL without credentials may get into a command that is shown. */
function asUrl(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return /^https:\/\/[a-z0-9.:-]+\/[\w.~%/?=&@+:-]*$/i.test(text) && text.length <= 300 ? text : undefined;
}
