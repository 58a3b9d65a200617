import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeHex, encodeHex } from '../../src/encoding.ts';
import { MalformedError } from '../../src/errors.ts';
import {
  parseConsistencyProof,
  parseEntryList,
  parseErrorMessage,
  parseIndexAnswer,
  parseLogEntry,
  parseLogInfo,
} from '../../src/rekor/schemas.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { entriesOf, exchanges, type Exchange, type Folder } from '../support/recorded.ts';
import { vectors } from '../support/vectors.ts';

const leaf = '174e6af6fb4c1e5a545a705e20aca4b572d8d02b9f88d2943ea02721c9e785a4';
const uuid = `38d3f72727e1b7a4${leaf}`;

const inclusionProof = {
  checkpoint: 'rekor.local - 1\n2\nAAAA\n\n— rekor.local AAAA\n',
  hashes: [leaf],
  logIndex: 1,
  rootHash: leaf,
  treeSize: 2,
};
const entry = {
  body: 'e30=',
  integratedTime: 1795325449,
  logID: leaf,
  logIndex: 5,
  verification: { inclusionProof, signedEntryTimestamp: 'AAAA' },
};

/** The answer with one member of its entry set to another value, by its path. */
function answerWith(path: string, value: unknown): unknown {
  const copy = structuredClone(entry) as unknown as Record<string, unknown>;
  const names = path.split('.');
  const last = names.pop() ?? '';
  const parent = names.reduce((object, name) => object[name] as Record<string, unknown>, copy);
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else parent[last] = value;
  return { [uuid]: copy };
}

describe('an entry of the log', () => {
  test('is read with its indexes, hashes and bytes', () => {
    expect(parseLogEntry({ [uuid]: entry })).toEqual({
      id: { treeId: '4094888233754802084', leafHash: leaf, text: uuid },
      body: Buffer.from('{}'),
      logId: leaf,
      proof: {
        index: 1,
        size: 2,
        hashes: [decodeHex(leaf)],
        rootHash: decodeHex(leaf),
        checkpoint: inclusionProof.checkpoint,
      },
      time: { integratedTime: 1795325449, logIndex: 5, signature: Buffer.alloc(3) },
    });
  });

  test('may have members that nobody uses', () => {
    expect(parseLogEntry(answerWith('attestation', { data: 'e30=' })).time.logIndex).toBe(5);
  });

  test.each([
    ['body', undefined, 'body: expected a string, found nothing'],
    ['body', { a: 1 }, 'body: expected a string, found an object'],
    ['body', 'e30', 'not canonical base64'],
    ['body', 'e30=\n', 'not canonical base64'],
    ['integratedTime', -1, 'integratedTime: expected a number from 0, found -1'],
    ['integratedTime', 1.5, 'integratedTime: expected a whole number, found 1.5'],
    ['integratedTime', '5', 'integratedTime: expected a whole number, found "5"'],
    ['logIndex', 2 ** 53, 'logIndex: expected a whole number, found 9007199254740992'],
    ['logIndex', null, 'logIndex: expected a whole number, found null'],
    ['logID', leaf.toUpperCase(), 'logID: expected 64 hexadecimal digits'],
    ['verification', undefined, 'verification: expected an object, found nothing'],
    ['verification.signedEntryTimestamp', 7, 'verification.signedEntryTimestamp: expected a string, found 7'],
    ['verification.signedEntryTimestamp', '*', 'not canonical base64'],
    ['verification.inclusionProof', undefined, 'verification.inclusionProof: expected an object'],
    [
      'verification.inclusionProof.hashes',
      [leaf, 'ab'],
      'hashes.1: expected 64 hexadecimal digits, found "ab"',
    ],
    [
      'verification.inclusionProof.hashes',
      Array(65).fill(leaf),
      'expected at most 64 hashes, found an array',
    ],
    ['verification.inclusionProof.rootHash', '', 'rootHash: expected 64 hexadecimal digits, found ""'],
    ['verification.inclusionProof.treeSize', undefined, 'treeSize: expected a whole number, found nothing'],
  ])('%s = %j is refused with what was expected and found', (path, value, message) => {
    expect(() => parseLogEntry(answerWith(path, value))).toThrow(message);
    expect(() => parseLogEntry(answerWith(path, value))).toThrow(MalformedError);
  });

  test.each([
    ['no entry', {}, 'expected an object with one entry, found 0'],
    ['two entries', { [uuid]: entry, [leaf]: entry }, 'expected an object with one entry, found 2'],
    ['a name that is no entry ID', { __proto__: null, constructor: entry }, 'expected an entry ID'],
    ['an array', [entry], 'expected an object, found an array'],
    ['null', null, 'expected an object, found null'],
  ])('%s in place of one entry is refused', (_, answer, message) => {
    expect(() => parseLogEntry(answer)).toThrow(message);
  });
});

describe('other answers', () => {
  const tree = { treeID: '7', treeSize: 0, rootHash: leaf, signedTreeHead: 'note' };

  test('a log without inactive trees says null or nothing of them', () => {
    const expected = {
      treeId: '7',
      treeSize: 0,
      rootHash: decodeHex(leaf),
      signedTreeHead: 'note',
      inactiveShards: [],
    };
    expect(parseLogInfo({ ...tree, inactiveShards: null })).toEqual(expected);
    expect(parseLogInfo(tree)).toEqual(expected);
  });

  test('a tree ID that is not decimal is refused', () => {
    expect(() => parseLogInfo({ ...tree, treeID: '0x7' })).toThrow('treeID: expected a tree ID in decimal');
  });

  test('the index may name an entry twice: it counts once', () => {
    expect(parseIndexAnswer([uuid, leaf, uuid]).map(({ text }) => text)).toEqual([uuid, leaf]);
  });

  test('an index answer that is no list of entry IDs is refused', () => {
    expect(() => parseIndexAnswer({ [uuid]: entry })).toThrow('expected an array, found an object');
    expect(() => parseIndexAnswer(['../../secret'])).toThrow('expected an entry ID');
  });

  test('no JSON value crashes a parser with anything but MalformedError', () => {
    const parsers = [
      parseLogEntry,
      parseEntryList,
      parseLogInfo,
      parseConsistencyProof,
      parseIndexAnswer,
      parseErrorMessage,
    ];
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...parsers), (json, parse) => {
        try {
          parse(json);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }),
    );
  });

  test('no value in place of a member crashes the parser of entries with anything but MalformedError', () => {
    const paths = [
      'body',
      'logID',
      'verification',
      'verification.inclusionProof',
      'verification.inclusionProof.hashes',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        try {
          parseLogEntry(answerWith(path, value));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
        }
      }),
    );
  });
});

const folders: readonly Folder[] = ['exchanges', 'shards', 'catalogue'];

/** What the recorded answer should be read with, by the request it answers. */
function readAnswer({ request, response }: Exchange): unknown {
  const json: unknown = JSON.parse(response.body);
  if (response.status >= 400) return parseErrorMessage(json);
  if (request.path.endsWith('/entries/retrieve')) return parseEntryList(json).map(parseLogEntry);
  if (request.path.endsWith('/index/retrieve')) return parseIndexAnswer(json);
  if (request.path.includes('/log/entries')) return parseLogEntry(json);
  if (request.path.includes('/log/proof')) return parseConsistencyProof(json);
  return parseLogInfo(json);
}

function isJsonAnswer({ request, response }: Exchange): boolean {
  return response.body !== '' && !/publicKey|ping/.test(request.path);
}

describe.skipIf(!vectors)('recorded answers of a real Rekor (needs the vectors)', () => {
  const recorded = folders.flatMap(exchanges).filter(isJsonAnswer);

  test('are many', () => {
    expect(recorded.length).toBeGreaterThan(150);
  });

  test.each(recorded)('$name is read', (exchange) => {
    expect(readAnswer(exchange)).toBeDefined();
  });

  const withEntries = recorded.filter(({ response }) => response.body.includes('"inclusionProof"'));
  test.each(withEntries)('$name: every UUID ends in the leaf hash of the body', (exchange) => {
    const entries = entriesOf(exchange).map(({ uuid, ...rest }) => parseLogEntry({ [uuid]: rest }));
    expect(entries.map(({ body }) => encodeHex(leafHash(body)))).toEqual(
      entries.map(({ id }) => id.leafHash),
    );
  });
});
