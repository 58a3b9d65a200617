import { parseSha256, type Sha256 } from '../digest.ts';
import { excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';

/** What names a manifest in a registry, or a repository where neither tag nor digest is given. */
export interface RegistryReference extends RepositoryName {
  readonly tag?: string;
  /** Of the manifest. */
  readonly digest?: Sha256;
}

/** A repository of a registry. */
export interface RepositoryName {
  /** Host and perhaps port, in the spelling of the URL standard: lower case, punycode, no default port. */
  readonly host: string;
  /** Path components, joined by slashes. */
  readonly repository: string;
}

/**
 * The reference that `oci://HOST/REPOSITORY[:TAG][@sha256:HEX]` spells (distribution specification 1.1, "Pulling
 * manifests"). There is one spelling of everything but the case of the host and a default port.
 * @throws MalformedError on anything else; credentials are not shown
 */
export function parseRegistryReference(text: string): RegistryReference {
  if (text.length > MAX_REFERENCE)
    throw new MalformedError(`expected a reference of at most ${MAX_REFERENCE} characters`);
  const rest = /^oci:\/\//i.test(text) ? text.slice(SCHEME.length) : undefined;
  if (rest === undefined)
    throw new MalformedError(`expected a reference that begins with ${SCHEME}, found ${excerpt(text)}`);
  const slash = rest.indexOf('/');
  if (slash < 0) throw new MalformedError(`expected ${SCHEME}HOST/REPOSITORY, found ${excerpt(text)}`);
  const host = parseRegistryHost(rest.slice(0, slash));
  const named = rest.slice(slash + 1);
  const at = named.indexOf('@');
  const digest = at < 0 ? undefined : parseDigest(named.slice(at + 1));
  const path = at < 0 ? named : named.slice(0, at);
  const colon = path.indexOf(':');
  const tag = colon < 0 ? undefined : parseTag(path.slice(colon + 1));
  const repository = parseRepository(colon < 0 ? path : path.slice(0, colon));
  return { host, repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** The reference, in its one canonical spelling. */
export function formatReference({ host, repository, tag, digest }: RegistryReference): string {
  const named = tag === undefined ? '' : `:${tag}`;
  return `${SCHEME}${host}/${repository}${named}${digest === undefined ? '' : `@sha256:${digest}`}`;
}

/**
 * A host with perhaps a port, as the URL standard spells it.
 * @throws MalformedError on credentials, escapes, a dot at the end, and whatever else is no host
 */
function parseRegistryHost(text: string): string {
  if (text.includes('@'))
    throw new MalformedError('expected the host of a registry, found credentials before it');
  const { name = '', port = '' } =
    /^(?<name>\[[0-9a-fA-F:.]+\]|[^[\]:]+)(?::(?<port>[0-9]{1,5}))?$/.exec(text)?.groups ?? {};
  const url = `https://${name}${port === '' ? '' : `:${port}`}`;
  if (name === '' || /[%\\/?#\s]/.test(name) || name.endsWith('.') || !URL.canParse(url))
    throw new MalformedError(`expected the host of a registry, found ${excerpt(text)}`);
  const { host, hostname } = new URL(url);
  if (!isHostName(hostname) || port === '0')
    throw new MalformedError(`expected the host of a registry, found ${excerpt(text)}`);
  return host;
}

/** A name of a repository. @throws MalformedError */
function parseRepository(text: string): string {
  if (text.length <= MAX_REPOSITORY && text.split('/').every((component) => COMPONENT.test(component)))
    return text;
  throw new MalformedError(
    `expected the name of a repository (components of lower-case letters and digits), found ${excerpt(text)}`,
  );
}

/** A tag. @throws MalformedError */
export function parseTag(text: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(text)) return text;
  throw new MalformedError(
    `expected a tag of at most 128 letters, digits, dots, dashes and underscores, found ${excerpt(text)}`,
  );
}

/** The SHA-256 that `sha256:HEX` spells. @throws MalformedError on anything else, also on other algorithms */
export function parseDigest(text: string): Sha256 {
  if (!text.startsWith('sha256:'))
    throw new MalformedError(`expected a digest sha256:HEX, found ${excerpt(text)}`);
  return parseSha256(text.slice('sha256:'.length));
}

const SCHEME = 'oci://';
const MAX_REFERENCE = 1024;
/** The specification lets clients limit names so. */
const MAX_REPOSITORY = 255;
/** A component of a repository's name: runs of letters and digits, between separators. */
const COMPONENT = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;

function isHostName(hostname: string): boolean {
  // The URL standard has read the address in brackets.
  if (hostname.startsWith('[')) return true;
  return (
    /^(?!-)[a-z0-9.-]{1,253}$/.test(hostname) &&
    hostname.split('.').every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label))
  );
}
