import { createHash } from 'node:crypto';

/** What the code signature of a program for macOS says, and whether it fits. */
export interface MachoSignature {
  /** Whether it is of nobody: it says only that the program is whole. */
  readonly isAdHoc: boolean;
  readonly pages: number;
  /** How many pages have another digest than the signature says. */
  readonly wrongPages: number;
}

const LC_CODE_SIGNATURE = 0x1d;
const CODE_DIRECTORY = 0xfade0c02;
const ADHOC = 0x2;
const SHA256 = 2;

/**
 * Reads the code directory of a 64-bit Mach-O file, and compares each page with it (Apple's cs_blobs.h).
 * @throws Error if there is none
 */
export function signatureOf(file: Buffer): MachoSignature {
  const blob = signatureBlob(file);
  const count = blob.readUInt32BE(8);
  const offsets = Array.from({ length: count }, (_, at) => blob.readUInt32BE(16 + at * 8));
  const at = offsets.find((offset) => blob.readUInt32BE(offset) === CODE_DIRECTORY);
  if (at === undefined) throw new Error('the signature has no code directory');
  const directory = blob.subarray(at, at + blob.readUInt32BE(at + 4));
  const [hashes, pages, limit] = [16, 28, 32].map((offset) => directory.readUInt32BE(offset)) as [
    number,
    number,
    number,
  ];
  const [size, type, , pageBits] = directory.subarray(36, 40) as unknown as [number, number, number, number];
  if (type !== SHA256) throw new Error(`expected digests by SHA-256, found kind ${type}`);
  const pageSize = 1 << pageBits;
  if (pages !== Math.ceil(limit / pageSize)) throw new Error('not each page has a digest');
  let wrongPages = 0;
  for (let page = 0; page < pages; page++) {
    const content = file.subarray(page * pageSize, Math.min((page + 1) * pageSize, limit));
    const expected = directory.subarray(hashes + page * size, hashes + (page + 1) * size);
    if (!createHash('sha256').update(content).digest().equals(expected)) wrongPages++;
  }
  return { isAdHoc: (directory.readUInt32BE(12) & ADHOC) !== 0, pages, wrongPages };
}

function signatureBlob(file: Buffer): Buffer {
  let at = 32;
  for (let command = 0; command < file.readUInt32LE(16); command++) {
    if (file.readUInt32LE(at) === LC_CODE_SIGNATURE) {
      const start = file.readUInt32LE(at + 8);
      return file.subarray(start, start + file.readUInt32LE(at + 12));
    }
    at += file.readUInt32LE(at + 4);
  }
  throw new Error('the program has no signature');
}
