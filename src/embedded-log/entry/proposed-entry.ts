import { decodeBase64 } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { invalid, invalidity } from './refusal.ts';
import { member, type Members } from './request-body.ts';

/** What somebody asks to be logged: a provenance file and the keys to verify it with. */
export interface SubmittedEntry {
  /** OpenPGP certificates, armored or binary. */
  readonly publicKey: Uint8Array;
  readonly provenance: Uint8Array;
}

/** A proposed entry that has the right form, and cannot be logged; in Rekor's words. */
export class UnacceptableEntry extends Error {
  override readonly name = 'UnacceptableEntry';
}

/** The kinds of entries that Rekor knows. */
const KINDS = 'alpine cose dsse hashedrekord helm intoto jar rekord rfc3161 rpm tuf'.split(' ');

/**
 * The parts of a proposed entry of kind helm, version 0.0.1 (Rekor's helm_v0_0_1_schema.json); other members
 * are ignored.
 * @throws Refusal when it is not a proposed entry
 * @throws UnacceptableEntry when it is of another kind or version, or lacks something
 */
export function parseProposedEntry({ kind, apiVersion, spec }: Members): SubmittedEntry {
  if (!kind) throw invalid(invalidity.required, 'kind in body is required');
  if (typeof kind !== 'string' || !KINDS.includes(kind))
    throw invalid(422, `invalid kind value: ${JSON.stringify(kind)}`);
  if (!apiVersion) throw invalid(invalidity.required, 'apiVersion in body is required');
  if (!spec) throw invalid(invalidity.required, 'spec in body is required');
  if (kind !== 'helm')
    throw new UnacceptableEntry(`entry kind '${kind}' is not enabled for submission on this server`);
  if (apiVersion !== '0.0.1') {
    const version = typeof apiVersion === 'string' ? apiVersion : JSON.stringify(apiVersion);
    throw new UnacceptableEntry(
      `helm implementation for version '${version}' not found: unable to locate entry for version ${version}`,
    );
  }
  return parseSpec(spec);
}

function parseSpec(spec: unknown): SubmittedEntry {
  if (typeof spec !== 'object')
    throw new UnacceptableEntry(`unsupported input type ${typeof spec} for DecodeEntry`);
  // A member of the wrong type counts as absent.
  const [chart, publicKey] = [objectIn(spec, 'chart'), objectIn(spec, 'publicKey')];
  const provenance = objectIn(chart, 'provenance');
  const keyContent = textIn(publicKey, 'content');
  const missing = [
    !provenance && (chart ? 'chart.chart.provenance' : 'chart'),
    !keyContent && (publicKey ? 'publicKey.publicKey.content' : 'publicKey'),
  ].filter((path) => typeof path === 'string');
  if (missing.length > 0) {
    const failures = missing.map((path) => `\n${path} in body is required`);
    throw new UnacceptableEntry(`validation failure list:${failures.join('')}`);
  }
  const content = textIn(provenance, 'content');
  if (content === undefined && member(provenance, 'signature') !== undefined)
    throw new UnacceptableEntry('entry not insertable into log: missing provenance content');
  if (!content) throw new UnacceptableEntry("'content' must be specified for provenance");
  return {
    publicKey: decode(keyContent ?? '', 'public key content'),
    provenance: decode(content, 'provenance content'),
  };
}

function objectIn(value: unknown, name: string): object | undefined {
  const found = member(value, name);
  return typeof found === 'object' && found !== null ? found : undefined;
}

function textIn(value: unknown, name: string): string | undefined {
  const found = member(value, name);
  return typeof found === 'string' ? found : undefined;
}

function decode(content: string, field: string): Uint8Array {
  try {
    return decodeBase64(content.replaceAll(/[\r\n]/g, ''));
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new UnacceptableEntry(`failed parsing base64 data for ${field}: ${illegalBase64(content)}`);
  }
}

/**
 * The place of the error in Rekor's words: the first character that is not base64, or an incomplete group.
 */
export function illegalBase64(content: string): string {
  const illegal = content.search(/[^A-Za-z0-9+/\r\n]/);
  return `illegal base64 data at input byte ${illegal < 0 ? content.length - (content.length % 4) : illegal}`;
}
