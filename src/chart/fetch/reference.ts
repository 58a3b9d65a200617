import { decodePercent, excerpt } from '../../encoding.ts';
import { MalformedError, UsageError } from '../../errors.ts';
import { isGated } from '../../gate-schemes.ts';
import { isLoopback } from '../../http/base-url.ts';
import { parseRegistryReference, type RegistryReference } from '../../registry/reference.ts';

/** What a word of the command line with a scheme stands for. */
export type SchemeReference = UrlReference | OciReference | HelmSchemeReference;

/** The URL of a packed chart. */
export interface UrlReference {
  readonly form: 'url';
  /** As the URL standard has it: host in lower case, without the default port. */
  readonly url: URL;
  /** The last part of its path: the file name that has to be signed. */
  readonly fileName: string;
}

/** A chart in a registry, whose name is the last part of the repository there. */
export interface OciReference extends RegistryReference {
  readonly form: 'oci';
}

/** A chart of a repository that `helm repo add` has made known: `REPO/CHART`. */
export interface RepositoryReference {
  readonly form: 'repository';
  readonly repository: string;
  readonly chart: string;
}

/** A chart of the repository at a URL: `CHART --repo URL`. */
export interface RepositoryUrlReference {
  readonly form: 'repository-url';
  readonly url: URL;
  readonly chart: string;
}

/** A URL with a scheme for which Helm may have a downloader plugin. */
interface HelmSchemeReference {
  readonly form: 'helm';
  readonly text: string;
}

/** Whether plain http may go to another machine. */
export interface ReferenceOptions {
  readonly plainHttp: boolean;
}

/**
 * The reference that a word with a scheme stands for. Names and versions in it are what the user expects, so what could be
 * read in two ways is refused.
 * @throws UsageError on anything else; the message shows no credentials
 */
export function parseReference(word: string, options: ReferenceOptions): SchemeReference {
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]{0,30}):\/\//i.exec(word) ?? [];
  if (scheme === '') throw refused(word, 'a scheme with "://" behind it', 'another form');
  requirePlainText(word);
  const lower = scheme.toLowerCase();
  if (lower === 'https' || lower === 'http') return urlReference(word, options);
  if (lower === 'oci') return ociReference(word);
  if (lower === 'file')
    throw new UsageError('expected a chart, found a file:// URL', 'give the path of the file');
  if (lower === 'sigstore' || isGated(lower))
    throw new UsageError(
      `expected a chart, found a URL with the scheme ${lower}, which makes Helm ask helm sigstore`,
      'leave out sigstore+, and give the URL behind it',
    );
  return { form: 'helm', text: lower + word.slice(scheme.length) };
}

/** The repository that `--repo` names, with a chart of it. @throws UsageError where one of them is malformed */
export function parseRepositoryUrl(
  chart: string,
  repository: string,
  options: ReferenceOptions,
): RepositoryUrlReference {
  if (!CHART_NAME.test(chart))
    throw new UsageError(
      `expected the name of a chart in the repository of --repo, found ${shown(chart)}`,
      'with --repo, charts are given by their names alone: hello --repo https://charts.example.com',
    );
  return { form: 'repository-url', url: parseRepositoryAddress(repository, options), chart };
}

/** The address of a repository. @throws UsageError on what is none, or could be read in two ways */
function parseRepositoryAddress(text: string, options: ReferenceOptions): URL {
  if (!/^https?:\/\//i.test(text))
    throw new UsageError(
      'expected --repo to be a URL that begins with https:// or http://, found another form',
      /^oci:/i.test(text) ? 'a chart in a registry is given without --repo: oci://HOST/CHART' : undefined,
    );
  requirePlainText(text);
  return httpUrl(text, options);
}

/** The repository and the chart that a word may name which is `REPO/CHART`; undefined: it is a path. */
export function repositoryWord(word: string): RepositoryReference | undefined {
  const [, repository = '', chart = ''] = REPOSITORY_CHART.exec(word) ?? [];
  if (repository === '' || /\.(?:tgz|prov|ya?ml|json|gz)$/i.test(chart)) return undefined;
  return { form: 'repository', repository, chart };
}

/** Names as Helm and its servers have them; without a beginning that would be an option. */
const CHART_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,249}(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,249}){0,9}$/;
const REPOSITORY_CHART =
  /^([A-Za-z0-9][A-Za-z0-9._-]{0,249})\/([A-Za-z0-9][A-Za-z0-9._-]{0,249}(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,249}){0,9})$/;

function urlReference(word: string, options: ReferenceOptions): UrlReference {
  const url = httpUrl(word, options);
  return { form: 'url', url, fileName: archiveNameIn(url, word) };
}

/**
 * The file name that the URL of an archive ends in.
 * @param word the URL as it was typed
 * @throws UsageError if that is no name of a packed chart
 */
export function archiveNameIn(url: URL, word: string): string {
  const segment = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  const fileName = decodePercent(segment);
  if (fileName === undefined) throw refused(word, 'text in UTF-8', 'other bytes in it');
  if (/^[^/\\:\p{C}]+\.tgz$/u.test(fileName)) return fileName;
  throw new UsageError(
    `expected the URL of a packed chart, which ends in NAME-VERSION.tgz, found ${shown(word)}`,
    /(?:^|\/)index\.yaml$/.test(url.pathname) || segment === ''
      ? 'a chart of a repository is given by its name: CHART --repo URL'
      : 'provenance and evidence are looked for beside the chart: give the URL of that',
  );
}

function ociReference(word: string): OciReference {
  try {
    return { form: 'oci', ...parseRegistryReference(word) };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new UsageError(
      error.message,
      'write oci://HOST/PATH/NAME, with :VERSION behind it, or @sha256:DIGEST, or both; a "+" of the version is a "_" in the tag',
    );
  }
}

function httpUrl(word: string, { plainHttp }: ReferenceOptions): URL {
  if (!URL.canParse(word)) throw refused(word, 'an address with a host', 'none');
  const url = new URL(word);
  if (url.hostname.endsWith('.')) throw refused(word, 'a host without a dot at its end', 'one with it');
  if (url.protocol === 'http:' && !plainHttp && !isLoopback(url.hostname))
    throw new UsageError(
      `expected an https URL, found ${shown(word)}`,
      'others on the way can see and change what plain http brings; --insecure-plain-http allows it',
    );
  return url;
}

/** Refuses what parsers of URLs read in different ways, or what has credentials in it. */
function requirePlainText(word: string): void {
  const rest = word.slice(word.indexOf('://') + 3);
  if (/[\s\p{C}]/u.test(word)) throw refused(word, 'no blanks and control characters', 'some');
  if (word.includes('\\')) throw refused(word, 'no backslashes', 'some');
  const authority = rest.slice(0, rest.search(/[/?#]|$/));
  if (authority.includes('@'))
    throw new UsageError(
      'expected a URL of a chart without credentials, found some before the host',
      'they would be seen in the list of processes: helm repo add and helm registry login keep them in files, which are used',
    );
  if (rest.includes('#')) throw refused(word, 'no fragment', 'one behind "#"');
  const end = rest.indexOf('?');
  const path = end < 0 ? rest : rest.slice(0, end);
  // The URL standard takes %2e for a dot, and other readers do not.
  if (/%2f|%5c|%2e/i.test(path)) throw refused(word, 'a path without %2f, %5c and %2e', 'one of them');
  if (/\/\.{1,2}(?:\/|$)/.test(path)) throw refused(word, 'a path without "." and ".."', 'one of them');
}

function refused(word: string, expected: string, found: string): UsageError {
  return new UsageError(
    `expected the URL of a chart to have ${expected}, found ${found}: ${shown(word)}`,
    'write it as the server has it: https://HOST/PATH/NAME-VERSION.tgz or oci://HOST/PATH/NAME:VERSION',
  );
}

/** Without credentials, query and fragment, which may be secret. */
function shown(word: string): string {
  return excerpt(word.replace(/^.*@/s, '').replace(/[?#].*$/s, ''));
}
