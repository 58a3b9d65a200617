import { describe, expect, test } from 'vitest';
import { encodeHex, encodeUtf8 } from '../../src/encoding.ts';
import { MalformedError } from '../../src/errors.ts';
import { parseEvidence } from '../../src/evidence/parse.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { BAD_MEMBERS, BAD_NUMBERS, HASH, PROOF } from './bad-members.ts';
import { evidenceMembers, fileOf, fileWith } from './files.ts';

function reading(bytes: Uint8Array): () => unknown {
  return () => parseEvidence(bytes);
}

test('an entry is read with its index in the log apart from that in its tree', () => {
  const leaf = encodeHex(leafHash(Buffer.from('{}')));
  const text = `0000000000000001${leaf}`;
  expect(parseEvidence(fileOf(evidenceMembers()))).toEqual({
    log: 'https://rekor.example.com',
    entries: [
      {
        id: { treeId: '1', leafHash: leaf, text },
        body: Buffer.from('{}'),
        logId: HASH.toString('hex'),
        proof: {
          index: 3,
          size: 4,
          rootHash: HASH,
          hashes: [HASH, HASH],
          checkpoint: `rekor.local - 1\n4\n${HASH.toString('base64')}\n\n— rekor.local AAAAAAAA\n`,
        },
        time: { integratedTime: 1795323413, logIndex: 30, signature: Buffer.alloc(3) },
      },
    ],
  });
});

test.each([
  ['that is none', 'a page'],
  ['whose origin names no tree', `rekor.local\n4\n${HASH.toString('base64')}\n\n— rekor.local AAAAAAAA\n`],
  ['of a tree that cannot be', `r - 9999999999999999999\n4\n${HASH.toString('base64')}\n\n— r AAAAAAAA\n`],
])('an entry with a checkpoint %s is for the judge: its ID names no tree', (_, envelope) => {
  const [entry] = parseEvidence(fileWith(`${PROOF}.checkpoint.envelope`, envelope)).entries;
  expect(entry?.id).toEqual({ leafHash: entry?.id.text, text: encodeHex(leafHash(Buffer.from('{}'))) });
});

test('white space between members, and at the end, says nothing', () => {
  const members = evidenceMembers();
  const spread = encodeUtf8(`${JSON.stringify(members, null, '\t').replaceAll('\n', '\r\n')}\r\n`);
  expect(parseEvidence(spread)).toEqual(parseEvidence(fileOf(members)));
});

test('sixteen entries are read, and seventeen are not', () => {
  const [entry] = evidenceMembers().entries;
  const entries = (count: number) => fileWith('entries', Array(count).fill(entry));
  expect(parseEvidence(entries(16)).entries).toHaveLength(16);
  expect(reading(entries(17))).toThrow(/^entries: expected at most 16 entries, found an array$/);
});

test('sixty-four hashes are read, and sixty-five are not', () => {
  const path = (count: number) => fileWith(`${PROOF}.hashes`, Array(count).fill(HASH.toString('base64')));
  expect(parseEvidence(path(64)).entries[0]?.proof.hashes).toHaveLength(64);
  expect(reading(path(65))).toThrow('hashes: expected at most 64 hashes, found an array');
});

test('a mebibyte is read, and one byte more is not', () => {
  const bytes = fileOf(evidenceMembers());
  const padded = (size: number) => Buffer.concat([bytes, Buffer.alloc(size - bytes.length, ' ')]);
  expect(parseEvidence(padded(1 << 20)).entries).toHaveLength(1);
  expect(reading(padded((1 << 20) + 1))).toThrow(/^expected at most 1048576 bytes, found 1048577$/);
});

describe('a file is malformed', () => {
  const text = Buffer.from(fileOf(evidenceMembers())).toString();

  test.each([
    ['that is empty', '', 'expected JSON, found nothing'],
    ['of blanks', ' \n', 'expected JSON, found nothing'],
    ['that is half written', text.slice(0, text.length / 2), 'expected JSON, found'],
    ['without its last bracket', text.slice(0, -1), 'expected JSON, found'],
    ['that is a web page', '<!DOCTYPE html><html></html>', 'expected JSON, found an HTML page'],
    ['that is there twice', text + text, 'expected JSON, found'],
    ['with a byte behind it', `${text}\0`, 'expected JSON, found'],
    ['with a byte order mark', `\ufeff${text}`, 'expected JSON, found'],
    ['that is a list', `[${text}]`, 'expected an object, found an array'],
    ['that is null', 'null', 'expected an object, found null'],
    [
      'of nothing',
      '{}',
      'mediaType: expected "application/vnd.helm-sigstore.evidence.v1+json", found no string',
    ],
    ['with a comment', text.replace('{', '{/**/'), 'expected JSON, found'],
    [
      'that names a member twice',
      text.replace('{', '{"log":"https://a.example",'),
      'JSON names the member "log" twice',
    ],
    [
      'that names a member twice, once in escapes',
      text.replace('"logIndex":"30"', '"logIndex":"30","log\\u0049ndex":"30"'),
      'JSON names the member "logIndex" twice',
    ],
    ['with a prototype', text.replace('{', '{"__proto__":{},'), 'expected no member "__proto__"'],
  ])('%s', (_, content, message) => {
    expect(reading(encodeUtf8(content))).toThrow(MalformedError);
    expect(reading(encodeUtf8(content))).toThrow(message);
  });

  test('that is not UTF-8', () => {
    expect(reading(Buffer.from(text.replace('rekor.local', 'rek\xffr.local'), 'latin1'))).toThrow(
      'not UTF-8 text',
    );
  });

  test.each(BAD_MEMBERS)('with %s %j', (path, value, message) => {
    expect(reading(fileWith(path, value))).toThrow(MalformedError);
    expect(reading(fileWith(path, value))).toThrow(message);
  });

  test.each(BAD_NUMBERS)('with %s as %j', (path, form) => {
    expect(reading(fileWith(path, form))).toThrow(MalformedError);
    expect(reading(fileWith(path, form))).toThrow(/expected a string|not a decimal number/);
  });
});

test('of another version it is said that another release made it, whatever else it holds', () => {
  const newer = fileOf({ mediaType: 'application/vnd.helm-sigstore.evidence.v2+json', things: [] });
  expect(reading(newer)).toThrow(MalformedError);
  expect(reading(newer)).toThrow(
    'it is evidence of version 2, and this release of helm sigstore reads version 1: another release made it',
  );
});
