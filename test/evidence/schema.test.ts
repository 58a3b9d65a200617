import fc from 'fast-check';
import { expect, test } from 'vitest';
import schema from '../../docs/evidence.schema.json' with { type: 'json' };
import { decodeUtf8 } from '../../src/encoding.ts';
import { MEDIA_TYPE } from '../../src/evidence/evidence.ts';
import { formatEvidence } from '../../src/evidence/format.ts';
import { conformsTo } from '../support/json-schema.ts';
import { BAD_MEMBERS, BAD_NUMBERS, BEYOND_SCHEMA } from './bad-members.ts';
import { evidenceMembers, fileWith, loggedEntries } from './files.ts';

const isAllowed = (json: unknown) => conformsTo(schema as Parameters<typeof conformsTo>[0], json);

test('docs/evidence.schema.json is about this version of the format', () => {
  expect(schema.properties.mediaType.const).toBe(MEDIA_TYPE);
  expect(isAllowed(evidenceMembers())).toBe(true);
});

test('whatever is written conforms to it', () => {
  const log = 'https://rekor.example.com/prefix';
  fc.assert(
    fc.property(fc.array(loggedEntries, { minLength: 1, maxLength: 16 }), (entries) => {
      expect(isAllowed(JSON.parse(decodeUtf8(formatEvidence({ log, entries }))))).toBe(true);
    }),
  );
});

const bad = [...BAD_MEMBERS, ...BAD_NUMBERS].map(([path, value]) => [path, value] as const);

test.each(bad)('with %s %j a file does not conform, if the schema has words for it', (path, value) => {
  const json: unknown = JSON.parse(decodeUtf8(fileWith(path, value)));
  expect(isAllowed(json)).toBe(BEYOND_SCHEMA.includes(value));
});

test('nor does a file with too many entries', () => {
  const [entry] = evidenceMembers().entries;
  expect(isAllowed({ ...evidenceMembers(), entries: Array(17).fill(entry) })).toBe(false);
});
