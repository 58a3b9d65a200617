import type { Authorities } from './authorities.ts';
import type { Deadline } from './deadline.ts';
import type { AnswerHead, Receive } from './exchange.ts';
import { follow } from './follow.ts';
import type { HttpClient } from './request.ts';
import { asUnchecked } from './unchecked.ts';

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
  /** Whether redirects may lead to plain http on another machine, as long as none was over https. */
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

/**
 * Writes the body of an answer with status 200 to a sink, piece by piece. With any other status nothing is opened or
 * written. A try that breaks off starts again from the first byte, with a sink of its own.
 * @param openSink may be called several times; each time the bytes of the time before are void
 * @throws SigstoreError `UNCHECKED` without a complete answer, or for a redirect that is not followed
 * @throws whatever the sink throws
 */
export async function download(
  http: HttpClient,
  { plainHttp = false, ...request }: DownloadRequest,
  openSink: () => Promise<Sink>,
): Promise<Downloaded> {
  const outgoing = { ...request, method: 'GET', within: 'head' } as const;
  return await follow(outgoing, plainHttp, async (hop) => {
    try {
      return await http.send(hop, receiver(openSink));
    } catch (error) {
      throw asUnchecked(error);
    }
  });
}

type Received = Omit<Downloaded, 'url'>;

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
