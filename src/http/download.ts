import { LogError, SigstoreError } from '../errors.ts';
import type { Authorities } from './authorities.ts';
import { isLoopback } from './base-url.ts';
import type { Deadline } from './deadline.ts';
import type { AnswerHead, Receive } from './exchange.ts';
import { redirectTarget } from './redirect.ts';
import { describeUrl, type HttpClient } from './request.ts';

/** What is downloaded, and within which limits. */
export interface DownloadRequest {
  readonly url: URL;
  /**
   * Credentials may be among them: they go to the origin of `url`, and nowhere once a redirect has led away from there.
   * `accept` goes everywhere.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** What vouches for the origin of `url`, and for this client there; elsewhere those of the client of HTTP count. */
  readonly authorities?: Authorities | undefined;
  /** The most bytes that the body may have. */
  readonly maxBytes: number;
  /** Its limit of one request counts until the head is there, its limit of all requests until the last byte is. */
  readonly deadline: Deadline;
  /** Whether redirects may lead to another origin. */
  readonly followsAnywhere: boolean;
  /** Whether they may lead to plain http on another machine, as long as none was over https. */
  readonly plainHttp?: boolean;
}

/** Where the bytes of a body go. */
export interface Sink {
  write(piece: Uint8Array): Promise<void>;
  /** Called once, also after a failure. What was written counts only if {@link download} says so. */
  close(): Promise<void>;
}

/** What came of a download. Headers of an answer from another origin than that of the request prove nothing. */
export interface Downloaded extends AnswerHead {
  /** The URL that answered, after redirects. */
  readonly url: URL;
  /** How many bytes were written; 0 with any status but 200. */
  readonly size: number;
  /** The beginning of the body that came with another status: the server's own words. */
  readonly words: Uint8Array;
}

/** The most redirects of one download. */
const MAX_DOWNLOAD_REDIRECTS = 10;

/**
 * Writes the body of an answer with status 200 to a sink, piece by piece. With any other status nothing is opened or
 * written. A try that breaks off starts again from the first byte, with a sink of its own.
 * @param openSink may be called several times; each time the bytes of the time before are void
 * @throws SigstoreError `UNCHECKED` without a complete answer, or for a redirect that is not followed
 * @throws whatever the sink throws
 */
export async function download(
  http: HttpClient,
  request: DownloadRequest,
  openSink: () => Promise<Sink>,
): Promise<Downloaded> {
  const { origin } = request.url;
  let url = request.url;
  let isAway = false;
  for (let hops = 0; hops <= MAX_DOWNLOAD_REDIRECTS; hops++) {
    const answer = await answerOf(http, hopTo(url, isAway, request), receiver(openSink));
    const target = redirectTarget(answer, url);
    if (target === undefined) return { ...answer, url };
    requireFollowed(url, target, request);
    url = target;
    // Whoever was led away and back would otherwise send what another server chose, with credentials.
    isAway ||= url.origin !== origin;
  }
  throw new SigstoreError(
    'UNCHECKED',
    `${describeUrl(request.url)} redirects more than ${MAX_DOWNLOAD_REDIRECTS} times`,
  );
}

type Hop = Parameters<HttpClient['send']>[0];

function hopTo(
  url: URL,
  isAway: boolean,
  { headers = {}, authorities, maxBytes, deadline }: DownloadRequest,
): Hop {
  const hop = { method: 'GET', url, maxBytes, deadline, within: 'head' } as const;
  if (!isAway) return { ...hop, headers, authorities };
  const accepted = Object.entries(headers).filter(([name]) => name.toLowerCase() === 'accept');
  return { ...hop, headers: Object.fromEntries(accepted) };
}

type Received = Omit<Downloaded, 'url'>;

async function answerOf(http: HttpClient, hop: Hop, receive: Receive<Received>): Promise<Received> {
  try {
    return await http.send(hop, receive);
  } catch (error) {
    // What the server of a chart does says nothing about the log.
    if (!(error instanceof LogError)) throw error;
    throw new SigstoreError('UNCHECKED', error.message, error.hint, { cause: error });
  }
}

function receiver(openSink: () => Promise<Sink>): Receive<Received> {
  return async ({ status, headers }, body) => {
    if (status !== 200) return { status, headers, size: 0, words: await beginningOf(body) };
    const sink = await openSink();
    let size = 0;
    try {
      for await (const piece of body) {
        await sink.write(piece);
        size += piece.length;
      }
    } finally {
      await sink.close();
    }
    return { status, headers, size, words: new Uint8Array() };
  };
}

const WORDS_LIMIT = 16 << 10;

async function beginningOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    pieces.push(piece);
    size += piece.length;
    if (size >= WORDS_LIMIT) break;
  }
  return Buffer.concat(pieces).subarray(0, WORDS_LIMIT);
}

/** @throws SigstoreError `UNCHECKED` for a redirect that could show the chart, or credentials, to others */
function requireFollowed(from: URL, to: URL, { followsAnywhere, plainHttp }: DownloadRequest): void {
  const why = refusalOf(from, to, followsAnywhere, plainHttp === true);
  if (why === undefined) return;
  throw new SigstoreError(
    'UNCHECKED',
    `${describeUrl(from)} redirects to ${isHttp(to) ? describeUrl(to) : to.protocol}, which is not followed: ${why}`,
  );
}

function refusalOf(from: URL, to: URL, followsAnywhere: boolean, plainHttp: boolean): string | undefined {
  if (!isHttp(to)) return 'it is neither https nor http';
  if (to.username !== '' || to.password !== '') return 'it has credentials';
  if (to.protocol === 'http:' && from.protocol === 'https:') return 'it leads from https to http';
  if (to.protocol === 'http:' && !plainHttp && !isLoopback(to.hostname))
    return 'plain http is for this machine alone, or with --insecure-plain-http';
  return followsAnywhere || to.origin === from.origin ? undefined : 'it leads to another server';
}

function isHttp({ protocol }: URL): boolean {
  return protocol === 'https:' || protocol === 'http:';
}
