// Signs a program for macOS as nobody (ad hoc): the signature says only that each page is what it was. macOS runs no program
// whose signature is wrong. Bun signs what it compiles for arm64; of what it compiles for amd64 it leaves the signature of the
// runtime, which no longer fits.
import { createHash } from 'node:crypto';

const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const PAGE = 4096;
const IDENTIFIER = Buffer.from('helm-sigstore\0');

/**
 * The program with an ad-hoc signature in place of the one at its end.
 *
 * @param {Buffer} program a 64-bit Mach-O file
 * @returns {Buffer}
 * @throws Error if it does not end with a signature
 */
export function signedAdHoc(program) {
  const commands = commandsIn(program);
  const signature = commands.find(({ command }) => command === LC_CODE_SIGNATURE)?.at;
  const lastSegment = commands.find(
    ({ command, at }) =>
      command === LC_SEGMENT_64 && program.toString('latin1', at + 8, at + 18) === '__LINKEDIT',
  )?.at;
  if (signature === undefined || lastSegment === undefined) throw new Error('the program has no signature');
  const limit = program.readUInt32LE(signature + 8);
  if (limit + program.readUInt32LE(signature + 12) !== program.length)
    throw new Error('the signature is not at the end of the program');

  const pages = Math.ceil(limit / PAGE);
  const size = 20 + 88 + IDENTIFIER.length + pages * 32;
  const signed = Buffer.alloc(limit + Math.ceil(size / 16) * 16);
  program.copy(signed, 0, 0, limit);
  signed.writeUInt32LE(signed.length - limit, signature + 12);
  const start = signed.readBigUInt64LE(lastSegment + 40);
  const length = BigInt(signed.length) - start;
  signed.writeBigUInt64LE(length, lastSegment + 48);
  // In memory it takes whole pages.
  signed.writeBigUInt64LE(((length + 4095n) / 4096n) * 4096n, lastSegment + 32);

  const text = commands.find(
    ({ command, at }) =>
      command === LC_SEGMENT_64 && program.toString('latin1', at + 8, at + 15) === '__TEXT\0',
  )?.at;
  if (text === undefined) throw new Error('the program has no code');
  const blob = signed.subarray(limit);
  // A SuperBlob with one part, the CodeDirectory: cs_blobs.h of Apple's kernel.
  words(blob, 0, [0xfade0cc0, size, 1, 0, 20]);
  words(blob, 20, [0xfade0c02, size - 20, 0x20400, 0x2, 88 + IDENTIFIER.length, 88, 0, pages, limit]);
  // SHA-256, and pages of 2^12 bytes.
  Buffer.from([32, 2, 0, 12]).copy(blob, 20 + 36);
  blob.writeBigUInt64BE(signed.readBigUInt64LE(text + 40), 20 + 64);
  blob.writeBigUInt64BE(signed.readBigUInt64LE(text + 48), 20 + 72);
  // It is a main program.
  blob.writeBigUInt64BE(1n, 20 + 80);
  IDENTIFIER.copy(blob, 20 + 88);
  for (let page = 0; page < pages; page++) {
    const content = signed.subarray(page * PAGE, Math.min((page + 1) * PAGE, limit));
    createHash('sha256')
      .update(content)
      .digest()
      .copy(blob, 20 + 88 + IDENTIFIER.length + page * 32);
  }
  return signed;
}

/**
 * @param {Buffer} program
 * @returns {{ command: number, at: number }[]} the load commands
 */
function commandsIn(program) {
  if (program.readUInt32LE(0) !== 0xfeedfacf) throw new Error('expected a 64-bit Mach-O file');
  const commands = [];
  for (let count = program.readUInt32LE(16), at = 32; count > 0; count--) {
    commands.push({ command: program.readUInt32LE(at), at });
    at += program.readUInt32LE(at + 4);
  }
  return commands;
}

/**
 * @param {Buffer} bytes
 * @param {number} at
 * @param {number[]} values
 */
function words(bytes, at, values) {
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, at + 4 * index);
}
