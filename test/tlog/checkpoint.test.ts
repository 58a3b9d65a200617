import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../src/digest.ts';
import { encodeUtf8 } from '../../src/encoding.ts';
import { MalformedError } from '../../src/errors.ts';
import {
  parseCheckpoint,
  signCheckpoint,
  verifyCheckpointSignature,
  type Checkpoint,
} from '../../src/tlog/checkpoint.ts';
import { withOneBitFlipped } from '../support/bits.ts';
import { newLogKeys, type LogKeyPair } from '../support/log-keys.ts';
import { runs } from '../support/property.ts';

const head = { origin: 'log.example - 1', size: 3, rootHash: sha256(encodeUtf8('root')) };
const log = newLogKeys['P-256']();
const other = newLogKeys['P-256']();

const signed = ({ key, privateKey }: LogKeyPair, size = 3): string =>
  signCheckpoint({ ...head, size }, 'log.example', key, privateKey);
const lastLine = (text: string): string => text.slice(text.lastIndexOf('\u2014'));

describe('parseCheckpoint', () => {
  it('a checkpoint is origin, size, root and extensions', () => {
    expect(parseCheckpoint(signed(log))).toMatchObject({ ...head, extensions: [] });
    expect(parseCheckpoint(noteOf('a\n0\n', 'Timestamp: 1\n')).extensions).toEqual(['Timestamp: 1']);
  });

  it.each([
    ['no origin', noteOf('\n3\n')],
    ['a size with a leading zero', noteOf('a\n03\n')],
    ['a negative size', noteOf('a\n-3\n')],
    ['a size beyond 2^53', noteOf('a\n9007199254740992\n')],
    ['a root of 31 bytes', `a\n3\n${Buffer.alloc(31).toString('base64')}\n\n\u2014 a AAAAAAE=\n`],
    ['an empty extension line', noteOf('a\n3\n', '\nTimestamp: 1\n')],
    ['two lines only', 'a\n3\n\n\u2014 a AAAAAAE=\n'],
  ])('a checkpoint with %s is refused', (_, text) => {
    expect(() => parseCheckpoint(text)).toThrow(MalformedError);
  });
});

describe('verifyCheckpointSignature', () => {
  it.each(Object.entries(newLogKeys))('a checkpoint signed with a %s key is its own', (_, newKeys) => {
    const keys = newKeys();
    const checkpoint = parseCheckpoint(signed(keys));
    expect(verifyCheckpointSignature(checkpoint, keys.key)).toBe(true);
    expect(verifyCheckpointSignature(checkpoint, other.key)).toBe(false);
  });

  it('a signature line of an unknown key beside the true one does no harm', () => {
    const text = signed(log) + lastLine(signed(other));
    expect(verifyCheckpointSignature(parseCheckpoint(text), log.key)).toBe(true);
  });

  it('a false signature under the hint of the true key spoils the checkpoint, before or after a true one', () => {
    const stolen = lastLine(signed(log, 2));
    for (const text of [signed(log) + stolen, signed(log).replace('\u2014', `${stolen}\u2014`)]) {
      const checkpoint = parseCheckpoint(text);
      expect(checkpoint.note.signatures).toHaveLength(2);
      expect(verifyCheckpointSignature(checkpoint, log.key)).toBe(false);
    }
  });

  it('a signature of another checkpoint of the same log does not hold', () => {
    const text = signed(log).replace(lastLine(signed(log)), '') + lastLine(signed(log, 2));
    expect(verifyCheckpointSignature(parseCheckpoint(text), log.key)).toBe(false);
  });

  it.each(Object.entries(newLogKeys))(
    'no bit of a checkpoint under a %s key can be turned over',
    (_, newKeys) => {
      const keys = newKeys();
      const text = signed(keys);
      // The name on a signature line is not signed: whose line it is, the hint says.
      const name = text.lastIndexOf('log.example');
      fc.assert(
        fc.property(withOneBitFlipped(encodeUtf8(text)), (bytes) => {
          const forged = Buffer.from(bytes).toString('utf8');
          fc.pre(forged.slice(0, name) !== text.slice(0, name) || !forged.endsWith(text.slice(name + 11)));
          expect(accepts(forged, keys)).toBe(false);
        }),
        runs(400),
      );
    },
  );
});

function accepts(text: string, keys: LogKeyPair): boolean {
  let checkpoint: Checkpoint;
  try {
    checkpoint = parseCheckpoint(text);
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedError);
    return false;
  }
  return verifyCheckpointSignature(checkpoint, keys.key);
}

function noteOf(start: string, end = ''): string {
  return `${start}${Buffer.alloc(32).toString('base64')}\n${end}\n\u2014 a AAAAAAE=\n`;
}
