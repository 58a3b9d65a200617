import type { ServerResponse } from 'node:http';
import { readEcdsa, writeEcdsa } from '../../support/ecdsa.ts';
import { noteOf, partsOf, type NoteParts } from '../../support/independent/note.mjs';
import { newLogKeys, type LogKeyPair } from '../../support/log-keys.ts';
import { SIGNER_NAME, signLine } from '../../support/statement.ts';
import { altering, saying, withPromise, withProof, type Variation } from '../row.ts';

/** The order of the group of P-256 (FIPS 186-4 D.1.2.3). */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Answers in which a true entry may be wrapped. */
const answers: readonly Variation[] = [
  {
    name: 'a bare leaf hash',
    story: 'The UUID is the leaf hash alone, as older servers wrote it.',
    stage: saying(({ uuid }) => ({ uuid: uuid.slice(-64) })),
  },
  {
    name: 'members of tomorrow',
    story: 'The answer has members that nobody knows, and an attestation.',
    stage: altering((answer) => ({
      ...answer,
      attestation: { data: 'e30=' },
      verification: { ...answer.verification, quantum: { signature: 'AA==' } },
    })),
  },
  {
    name: 'a large index',
    story: 'The log has had trees of billions of entries before.',
    stage: saying(({ logIndex }) => ({ logIndex: logIndex + 2 ** 52 })),
  },
  {
    name: 'the other half of the curve',
    story: 'The promise is the other of the two signatures that every ECDSA signature stands for.',
    stage: altering((answer) => {
      const promise = Buffer.from(answer.verification.signedEntryTimestamp, 'base64');
      const [r, s] = readEcdsa(promise);
      return withPromise(answer, writeEcdsa(r, P256_ORDER - s));
    }),
  },
  {
    name: 'extension lines',
    story: 'The signed text of the checkpoint has further lines.',
    stage: saying(({ checkpoint }) => ({
      checkpoint: { ...checkpoint, extensions: ['Timestamp: 1689177396617352539', 'and more'] },
    })),
  },
  cosigned('witnesses', 'Others signed the checkpoint as well, before and after the log.', (note) => [
    signLine(note.text, newLogKeys.Ed25519(), 'witness.example'),
    ...note.signatures,
    signLine(note.text, newLogKeys['P-256'](), 'another.example'),
  ]),
  cosigned('a false witness', 'A line of a key that nobody knows is no signature at all.', (note) => [
    { name: 'witness.example', keyHint: Uint8Array.of(1, 2, 3, 4), signature: new Uint8Array(64) },
    ...note.signatures,
  ]),
  cosigned(
    'a key of the same name',
    'Another key signed the checkpoint under the name of the log.',
    (note) => [signLine(note.text, newLogKeys['P-256'](), SIGNER_NAME), ...note.signatures],
  ),
  cosigned(
    'signed twice',
    'The log signed the checkpoint twice, and both signatures are true.',
    (note, keys) => [...note.signatures, signLine(note.text, keys)],
  ),
];

/** What a network does to honest answers. */
const networks: readonly Variation[] = [
  once('a moment of weakness', 'The first answer is an error of the server.', (response) => {
    response.writeHead(500).end();
  }),
  once('too many questions', 'The first answer asks to come again at once.', (response) => {
    response.writeHead(429, { 'retry-after': '0' }).end();
  }),
  once('a broken connection', 'The first connection breaks before the answer.', ({ socket }) => {
    socket?.resetAndDestroy();
  }),
  {
    name: 'an address that ends in a slash',
    story: 'The address of the log ends in a slash.',
    stage: (world) => {
      world.user.options = ['--rekor-server', `${world.server.url}/`];
      return world.logChart();
    },
  },
];

export const honestAnswers: readonly Variation[] = [...answers, ...networks];

function cosigned(
  name: string,
  story: string,
  lines: (note: NoteParts, keys: LogKeyPair) => NoteParts['signatures'],
): Variation {
  return {
    name,
    story,
    stage: altering((answer, { log: { keys } }) => {
      const note = partsOf(answer.verification.inclusionProof.checkpoint);
      return withProof(answer, { checkpoint: noteOf(note.text, lines(note, keys)) });
    }),
  };
}

function once(name: string, story: string, answering: (response: ServerResponse) => void): Variation {
  return {
    name,
    story,
    stage: (world) => {
      let isFirst = true;
      world.server.intercept = (_, response) => {
        if (!isFirst) return false;
        isFirst = false;
        answering(response);
        return true;
      };
      return world.logChart();
    },
  };
}
