import { extname } from 'node:path';
import { excerpt } from '../../encoding.ts';
import type { Hint } from '../../errors.ts';

/** What a file is that was given in place of a packaged chart, and what to do about it. */
export interface OtherFile {
  /** With an article: "a web page". */
  readonly what: string;
  readonly hint?: string;
}

/** What to do where a packaged chart is missing, or a file is no chart. */
export const GET_CHART: Hint = {
  consumer: 'get the packaged chart with helm pull --prov',
  publisher: 'package the chart with helm package',
};

/** What to do about a provenance file that is missing or empty. */
export const GET_PROVENANCE: Hint = {
  consumer:
    "get it with helm pull --prov, or from the archive's URL with .prov behind it; if there is none, its publisher has to sign the chart",
  publisher: 'sign the chart with helm sigstore sign, which writes it beside the archive',
};

/** What to do about a file that is no provenance file. */
export const REPLACE_PROVENANCE: Hint = {
  consumer: "get it again with helm pull --prov, or from the archive's URL with .prov behind it",
  publisher: 'sign the chart again with helm sigstore sign --force',
};

/** What a file is by its first bytes, where that is something that people have in hand by mistake. */
export function otherFile(head: Uint8Array): OtherFile | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, HEAD)).toString('latin1');
  const start = text.replace(/^\xef\xbb\xbf/, '').trimStart();
  return KINDS.find(({ is }) => is(start, text));
}

/** What to do about a page of a server that was saved in place of a file; undefined if it is no page. */
export function pageHint(head: Uint8Array): string | undefined {
  return otherFile(head)?.hint === PAGE ? PAGE : undefined;
}

/** What an operand is meant to be that names no file, and how to make one of it. */
export function hintForMissing(operand: string): Hint | undefined {
  if (/[*?[]/.test(operand))
    return 'the pattern matches no file: give a folder, or the paths of the archives';
  if (/\.prov$/i.test(operand)) return GET_PROVENANCE;
  if (/\.rekor\.json$/i.test(operand))
    return 'give the archive that it belongs to: helm sigstore evidence writes the file beside it';
  if (extname(operand) !== '.tgz' && IN_REGISTRY.test(operand))
    return `if it is a chart in a registry, write oci:// before it: oci://${operand}`;
  if (
    /^[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(operand) &&
    extname(operand) !== '.tgz'
  )
    return 'if it is a chart of a repository: helm repo list shows those that are known, and helm repo add makes another one known';
  const [, name] = /^([a-z0-9]+(?:-[a-z0-9]+){0,20})[:@][A-Za-z0-9._+:-]+$/.exec(operand) ?? [];
  if (name !== undefined)
    return `if it is a chart with its version, say where it is: REPO/${name} --version VERSION, or oci://HOST/PATH/${name}:VERSION`;
  if (/^[a-z0-9]+(?:-[a-z0-9]+){0,20}$/.test(operand))
    return `if it is the name of a chart, give its repository too: REPO/${operand}, or --repo URL`;
  return undefined;
}

/** What begins with a host that has a dot or a port, and goes on as a reference to a registry. */
const IN_REGISTRY =
  /^(?:localhost|(?:[a-z0-9-]{1,63}\.){1,20}[a-z]{2,63}|[a-z0-9.-]{1,253}:[0-9]{1,5})\/[a-z0-9][a-z0-9._/-]*(?::[A-Za-z0-9._-]+)?(?:@sha256:[0-9a-f]{64})?$/;

/** That an index names an archive. */
export interface InIndex {
  /** Where the index says that it is, if that is a registry: an `oci://` URL, as foreign text. */
  readonly registry?: string | undefined;
}

/** How to get the archive of a chart that an index names. */
export function hintForIndexed({ registry }: InIndex): string {
  return registry === undefined
    ? 'archives of an index are looked for beside it: name their folder with --charts-dir, or fetch what is missing with helm pull --prov'
    : `it is in a registry: fetch it with helm pull ${plainReference(registry)} --prov, into the folder of the archives`;
}

/** What an index says is foreign text. */
function plainReference(url: string): string {
  const isPlain =
    url.length < 200 && /^oci:\/\/[A-Za-z0-9.:-]+(?:\/[A-Za-z0-9._-]+)+(?::[A-Za-z0-9._-]+)?$/.test(url);
  return isPlain ? url : 'oci://…';
}

/** Bytes that are looked at. */
const HEAD = 1024;

const PAGE =
  'the server answered with a page in place of the file: look where it came from, and get it again with helm pull --prov';

const KINDS: readonly (OtherFile & { readonly is: (start: string, text: string) => boolean })[] = [
  {
    what: 'a web page',
    hint: PAGE,
    is: (start) => /^(?:<!--[^>]{0,200}-->\s{0,20})?<(?:!doctype|html|head|body)/i.test(start),
  },
  {
    what: 'an XML document',
    hint: PAGE,
    is: (start) => start.startsWith('<?xml') || start.startsWith('<Error'),
  },
  {
    what: 'an evidence file',
    hint: 'give the archive that it belongs to: the same path without .rekor.json',
    is: (start) => mediaType(start)?.startsWith('evidence.') ?? false,
  },
  {
    what: 'the manifest of a mirror',
    hint: 'all of a mirror is verified by helm sigstore verify --mirror, with its directory',
    is: (start) => mediaType(start)?.startsWith('mirror.') ?? false,
  },
  { what: 'a JSON document', hint: PAGE, is: (start) => /^[{[]\s{0,20}["{]/.test(start) },
  {
    what: 'a pointer of Git LFS',
    hint: 'git lfs pull fetches the file that it stands for',
    is: (start) => start.startsWith('version https://git-lfs'),
  },
  {
    what: 'a provenance file',
    hint: 'give the archive that it belongs to: the same path without .prov',
    is: (start) => start.startsWith('-----BEGIN PGP SIGNED MESSAGE'),
  },
  {
    what: 'an OpenPGP key or signature',
    hint: 'helm sigstore keys add keeps a key of a publisher; for one run it is given with --keyring or --public-key',
    is: (start) => start.startsWith('-----BEGIN PGP '),
  },
  { what: 'a ZIP archive', is: (_, text) => text.startsWith('PK\x03\x04') },
  {
    what: 'a tar archive without gzip',
    hint: 'get it again as it was published, for instance with helm pull --prov: only that has the digest that was signed',
    is: (_, text) => text.startsWith('ustar', 257),
  },
  { what: 'compressed with bzip2', is: (_, text) => text.startsWith('BZh') },
  { what: 'compressed with xz', is: (_, text) => text.startsWith('\xfd7zXZ') },
  { what: 'compressed with Zstandard', is: (_, text) => text.startsWith('\x28\xb5\x2f\xfd') },
];

/** The media type of a JSON file of this program, without the beginning that all of them share. */
function mediaType(start: string): string | undefined {
  return /^\{\s{0,20}"mediaType"\s{0,9}:\s{0,9}"application\/vnd\.helm-sigstore\.([a-z]+\.)/.exec(start)?.[1];
}

/** The first line of a file, for messages. */
export function firstLine(head: Uint8Array): string {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, HEAD)).toString('latin1');
  return excerpt(text.split('\n', 1)[0] ?? '', 40);
}
