import { decodeBase64 } from '../../../src/encoding.ts';
import { flipBit } from '../../support/bits.ts';
import { readEcdsa } from '../../support/ecdsa.ts';
import { newLogKeys } from '../../support/log-keys.ts';
import { signText } from '../../support/independent/note.mjs';
import { signPromise } from '../../support/statement.ts';
import { LOGGED } from '../../support/world/hostile-world.ts';
import { altering, saying, withPromise, type Forgery, type Row } from '../row.ts';

/** What was promised is not this entry, or was not promised by the log. The proofs are true. */
const rows: readonly Row[] = [
  {
    name: 'a forged signature',
    story: 'One bit of the signed entry timestamp is another.',
    stage: altering((answer) => withPromise(answer, flipBit(promiseOf(answer), 400))),
  },
  {
    name: 'a promise by another key',
    story: 'Another key signs the promise, under the log ID of the true one.',
    stage: saying(({ keys }) => ({ keys: { ...keys, promise: newLogKeys['P-256']() } })),
  },
  {
    name: 'a promise for another entry',
    story: 'The promise is a true one, for another entry of the log.',
    stage: altering((answer, { log }) => withPromise(answer, signPromise(log.truth(log.leaf(0)), log.keys))),
  },
  {
    name: 'an empty signature',
    story: 'The signed entry timestamp is there and has no bytes.',
    stage: altering((answer) => withPromise(answer, new Uint8Array())),
  },
  {
    name: 'a signature in another encoding',
    story: 'The numbers of the signature are right, but side by side instead of in DER.',
    stage: altering((answer) => withPromise(answer, sideBySide(promiseOf(answer)))),
  },
  {
    name: 'a signature in lax DER',
    story: 'The length of the signature is spelt in more bytes than it needs, to make a second one of it.',
    stage: altering((answer) => {
      const [tag = 0, length = 0, ...content] = promiseOf(answer);
      return withPromise(answer, Uint8Array.of(tag, 0x81, length, ...content));
    }),
  },
  {
    name: 'a byte behind the signature',
    story: 'The signature is followed by one byte more.',
    stage: altering((answer) => withPromise(answer, Buffer.concat([promiseOf(answer), Buffer.of(0)]))),
  },
  {
    name: 'another time',
    story: 'The integrated time is moved by a second after the log had promised it.',
    stage: altering((answer) => ({ ...answer, integratedTime: LOGGED - 1 })),
  },
  {
    name: 'another index',
    story: 'The index over all trees is changed after the log had promised it.',
    stage: altering((answer) => ({ ...answer, logIndex: answer.logIndex + 1 })),
  },
  {
    name: 'a promise for the bytes',
    story: 'The log signs a promise in which the body stands in hexadecimal and not in base64.',
    stage: altering((answer, { log }) => {
      const { integratedTime, logID, logIndex } = answer;
      const body = Buffer.from(answer.body, 'base64').toString('hex');
      const payload = JSON.stringify({ body, integratedTime, logID, logIndex });
      return withPromise(answer, signText(log.keys.privateKey, payload));
    }),
  },
  {
    name: "the checkpoint's signature",
    story: 'A true signature of the log over something else, its checkpoint, is given as the promise.',
    stage: altering((answer) => {
      const { checkpoint } = answer.verification.inclusionProof;
      const signature = decodeBase64(checkpoint.trimEnd().split(' ').at(-1) ?? '').subarray(4);
      return withPromise(answer, signature);
    }),
  },
];

export const inclusionPromiseForgeries = rows.map((row): Forgery => ({
  ...row,
  caughtBy: 'inclusion-promise',
  status: 10,
}));

function promiseOf({ verification }: { verification: { signedEntryTimestamp: string } }): Uint8Array {
  return decodeBase64(verification.signedEntryTimestamp);
}

/** An ECDSA signature over P-256, r and s of 32 bytes each. */
function sideBySide(der: Uint8Array): Uint8Array {
  const numbers = readEcdsa(der).map((number) => number.toString(16).padStart(64, '0'));
  return Buffer.from(numbers.join(''), 'hex');
}
