import { createHash } from 'node:crypto';
import type { Sha256 } from '../digest.ts';
import { SigstoreError } from '../errors.ts';
import type { Sink } from '../http/download.ts';
import type { Descriptor } from './descriptor.ts';
import { badRegistryAnswer } from './refusal.ts';
import type { RemoteRepository } from './remote-repository.ts';

/**
 * Streams the content that a descriptor names into a sink. The content counts only when this returns: then it has the size
 * and the digest of the descriptor.
 * @param maxBytes the most bytes that the caller takes
 * @param openSink may be called several times; each time the bytes of the time before are void
 * @throws NotFoundError if the repository does not have it
 * @throws SigstoreError `UNCHECKED` if the registry refuses, or gives something else, or it is too large
 */
export async function downloadBlob(
  repository: RemoteRepository,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  maxBytes: number,
  openSink: () => Promise<Sink>,
): Promise<void> {
  const what = `content sha256:${digest}`;
  if (size > maxBytes)
    throw new SigstoreError(
      'UNCHECKED',
      `${what} of ${repository.label} has ${size} bytes, which is more than ${maxBytes}`,
    );
  const url = repository.url(`blobs/sha256:${digest}`);
  let measured = new Measure();
  const openMeasured = async () => {
    const measure = (measured = new Measure());
    const sink = await openSink();
    return {
      write: async (piece: Uint8Array) => {
        measure.add(piece);
        if (measure.size > size) throw badRegistryAnswer(url, `expected ${size} bytes, found more`);
        await sink.write(piece);
      },
      close: () => sink.close(),
    };
  };
  // What a registry says in place of the content may be longer than that.
  const { status, words, ...answer } = await repository.stream(url, size + WORDS, openMeasured);
  if (status !== 200) throw repository.refusal({ url: answer.url, status, body: words }, what);
  if (measured.size !== size)
    throw badRegistryAnswer(answer.url, `expected ${size} bytes, found ${measured.size}`);
  const found = measured.digest();
  if (found !== digest)
    throw badRegistryAnswer(answer.url, `expected the digest sha256:${digest}, found sha256:${found}`);
}

/** The content that a descriptor names, in memory. @throws as `downloadBlob` does */
export async function readBlob(
  repository: RemoteRepository,
  descriptor: Pick<Descriptor, 'digest' | 'size'>,
  maxBytes: number,
): Promise<Uint8Array> {
  let pieces: Uint8Array[] = [];
  await downloadBlob(repository, descriptor, maxBytes, () => {
    const fresh: Uint8Array[] = (pieces = []);
    const write = (piece: Uint8Array) => Promise.resolve(void fresh.push(piece));
    return Promise.resolve({ write, close: () => Promise.resolve() });
  });
  return Buffer.concat(pieces);
}

/** Bytes of an answer that says why there is no content. */
const WORDS = 64 << 10;

/** How many bytes there were, and their digest. */
class Measure {
  readonly #hash = createHash('sha256');
  size = 0;

  add(piece: Uint8Array): void {
    this.#hash.update(piece);
    this.size += piece.length;
  }

  digest(): Sha256 {
    return this.#hash.digest('hex') as Sha256;
  }
}
