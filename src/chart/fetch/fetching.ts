import { join } from 'node:path';
import { excerpt } from '../../encoding.ts';
import { NotFoundError, SigstoreError } from '../../errors.ts';
import { openFileSink } from '../../files/file-sink.ts';
import type { Authorities } from '../../http/authorities.ts';
import type { Deadline } from '../../http/deadline.ts';
import { download, type Downloaded, type Sink } from '../../http/download.ts';
import { describeUrl, type HttpClient } from '../../http/request.ts';

/** What belongs to an origin: credentials, and what vouches for both sides there. */
export interface Access {
  readonly headers: Readonly<Record<string, string>>;
  readonly authorities?: Authorities | undefined;
}

/** A directory for what is fetched of one chart. */
export interface DownloadDirectory {
  readonly path: string;
  /** Removes it with all that is in it. What cannot be removed now is removed when the run ends. */
  readonly remove: () => Promise<void>;
}

/** What all charts that are elsewhere share in a run. */
export interface Fetching {
  readonly http: HttpClient;
  /** A fresh deadline, for one file or one run of Helm. */
  readonly deadline: () => Deadline;
  /** A new directory that is gone when the run ends, if it was not removed before. */
  readonly directory: () => Promise<DownloadDirectory>;
  /** What the user has for the server of this URL. */
  readonly accessTo: (url: URL) => Promise<Access>;
  readonly plainHttp: boolean;
  /** The most bytes of an archive. */
  readonly maxArchive: number;
  /** Says how far a download has come; the function that it returns is called with the bytes so far, or without at the end. */
  readonly watch: (what: string) => (bytes?: number) => void;
}

/** The most bytes of an archive, unless a test says otherwise. */
export const ARCHIVE_LIMIT = 4 * 2 ** 30;

/** The name of every archive that we fetch, in a directory of its own: what a server calls it is no path of ours. */
export const ARCHIVE = 'archive.tgz';

/**
 * The path of the archive at a URL, after it was fetched completely.
 * @param access what goes to the origin of the URL
 * @param directory where it is put
 * @throws NotFoundError if there is none
 * @throws SigstoreError `UNCHECKED` if the server does not give it
 */
export async function fetchArchive(
  fetching: Fetching,
  url: URL,
  access: Access,
  directory: string,
): Promise<string> {
  const path = join(directory, ARCHIVE);
  const progress = fetching.watch(describeUrl(url));
  try {
    const answer = await download(fetching.http, requestOf(fetching, url, access, fetching.maxArchive), () =>
      watchedSink(path, progress),
    );
    if (answer.status !== 200) throw refusalOf(url, answer);
    return path;
  } finally {
    progress();
  }
}

/** A file that is written from its beginning; the function is told how many bytes it has so far. */
export async function watchedSink(path: string, progress: (bytes: number) => void): Promise<Sink> {
  const sink = await openFileSink(path);
  let size = 0;
  return {
    write: async (piece) => {
      await sink.write(piece);
      progress((size += piece.length));
    },
    close: sink.close,
  };
}

/** A small file that a server gave, or the status with which it gave none. */
export type FetchedBytes = { readonly bytes: Uint8Array } | { readonly missing: Downloaded };

/**
 * A small file at a URL.
 * @param isEnough whether the file is recognised by its first bytes, so that no more of it is fetched
 * @throws SigstoreError `UNCHECKED` without a complete answer
 */
export async function fetchBytes(
  fetching: Fetching,
  url: URL,
  access: Access,
  maxBytes: number,
  isEnough: (beginning: Uint8Array) => boolean = () => false,
): Promise<FetchedBytes> {
  let pieces: Uint8Array[] = [];
  const openSink = (): Promise<Sink> => {
    pieces = [];
    return Promise.resolve({
      write: (piece) => {
        pieces.push(piece);
        return pieces.length === 1 && isEnough(piece) ? Promise.reject(new Enough()) : Promise.resolve();
      },
      close: () => Promise.resolve(),
    });
  };
  try {
    const answer = await download(fetching.http, requestOf(fetching, url, access, maxBytes), openSink);
    return answer.status === 200 ? { bytes: Buffer.concat(pieces) } : { missing: answer };
  } catch (error) {
    if (error instanceof Enough) return { bytes: Buffer.concat(pieces) };
    throw error;
  }
}

/** Ends a download of which no more is wanted. */
class Enough extends Error {}

/** The error for a status other than 200. */
export function refusalOf(url: URL, { status, url: from, words }: Downloaded): SigstoreError {
  const place = describeUrl(url);
  const answering = from.origin === url.origin ? '' : ` of ${from.host}, to which it redirects`;
  const said = wordsOf(words);
  const quoted = said === '' ? '' : `: ${said}`;
  if (status === 404 || status === 410)
    return new NotFoundError(
      `there is no chart at ${place}: the answer${answering} has the status ${status}`,
    );
  return new SigstoreError(
    'UNCHECKED',
    `expected a file at ${place}, found the status ${status} in the answer${answering}${quoted}`,
    status === 401 || status === 403
      ? 'if it needs credentials, keep them with helm repo add --username: those of a repository go to its server'
      : undefined,
  );
}

/** What a server says in text; a page says nothing here. */
function wordsOf(words: Uint8Array): string {
  const text = Buffer.from(words).toString('utf8').trim();
  return text.startsWith('<') ? '' : excerpt(text.split('\n', 1)[0] ?? '', 200);
}

function requestOf({ deadline, plainHttp }: Fetching, url: URL, access: Access, maxBytes: number) {
  return { url, ...access, maxBytes, deadline: deadline(), plainHttp };
}
