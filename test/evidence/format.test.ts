import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeUtf8 } from '../../src/encoding.ts';
import { MalformedError } from '../../src/errors.ts';
import type { Evidence } from '../../src/evidence/evidence.ts';
import { formatEvidence } from '../../src/evidence/format.ts';
import { parseEvidence } from '../../src/evidence/parse.ts';
import { parseLogEntry } from '../../src/rekor/schemas.ts';
import { entriesOf, exchanges, type Folder } from '../support/recorded.ts';
import { readVectorJson, vectors } from '../support/vectors.ts';
import { evidenceMembers, fileOf, loggedEntries } from './files.ts';

const log = 'https://rekor.example.com/prefix';

test('what is written is read again as it was', () => {
  fc.assert(
    fc.property(fc.array(loggedEntries, { minLength: 1, maxLength: 16 }), (entries) => {
      const read = parseEvidence(formatEvidence({ log, entries }));
      expect(isDeepStrictEqual(read, asBuffers({ log, entries }))).toBe(true);
    }),
  );
});

test('the same evidence gives the same bytes, however the file that it came from was laid out', () => {
  const evidence = parseEvidence(fileOf(evidenceMembers()));
  const written = formatEvidence(evidence);
  expect(formatEvidence(parseEvidence(written))).toEqual(written);
  expect(JSON.parse(decodeUtf8(written))).toEqual(evidenceMembers());
  expect(decodeUtf8(written)).toMatch(/^\{\n {2}"mediaType": .*\n\}\n$/s);
});

test('a name that the log gave, and that is not in the file, makes no difference', () => {
  const { entries } = parseEvidence(fileOf(evidenceMembers()));
  const renamed = entries.map((entry) => ({ ...entry, id: { leafHash: 'f'.repeat(64), text: 'x' } }));
  expect(parseEvidence(formatEvidence({ log, entries: renamed }))).toEqual({ log, entries });
});

test.each([
  ['an address with a password', { log: 'https://user:secret@rekor.example.com' }],
  ['no entry', { entries: [] }],
  ['more entries than are read', { entries: Array(17).fill(firstEntry()) as Evidence['entries'] }],
  ['an entry that is too long', { entries: [{ ...firstEntry(), body: new Uint8Array(800_000) }] }],
])('%s is not written', (_, part) => {
  const { entries } = parseEvidence(fileOf(evidenceMembers()));
  expect(() => formatEvidence({ log, entries, ...part })).toThrow(MalformedError);
});

describe.skipIf(vectors === undefined)('entries of a real Rekor (needs the vectors)', () => {
  const recorded = (['exchanges', 'shards', 'catalogue'] satisfies Folder[])
    .flatMap((folder) => exchanges(folder))
    .filter(({ request, response }) => {
      const isOfEntries = request.path.startsWith('/api/v1/log/entries') && response.status < 300;
      return isOfEntries && response.body.startsWith(request.path.endsWith('/retrieve') ? '[{' : '{');
    })
    .flatMap((exchange) => entriesOf(exchange));

  test('are written and read as they are', () => {
    expect(recorded.length).toBeGreaterThan(60);
    for (const { uuid, ...answer } of recorded) {
      const entry = parseLogEntry({ [uuid]: answer });
      const evidence = { log, entries: [entry] };
      expect(isDeepStrictEqual(parseEvidence(formatEvidence(evidence)), evidence), uuid).toBe(true);
    }
  });

  test('have the members that others write for them (needs the vectors)', () => {
    const others = readVectorJson('sigstore-bundles', 'tle-helm-0.0.1.json');
    const evidence = { mediaType: evidenceMembers().mediaType, log, entries: [others] };
    const written = formatEvidence(parseEvidence(fileOf(evidence)));
    expect(JSON.parse(decodeUtf8(written))).toEqual(evidence);
    const [entry] = parseEvidence(written).entries;
    const same = recorded.filter(({ verification }) => {
      const { checkpoint } = verification.inclusionProof;
      return checkpoint === entry?.proof.checkpoint;
    });
    expect(same.map(({ uuid }) => uuid)).toContain(entry?.id.text);
  });

  test('keep the index over all trees apart from that in their own (needs the vectors)', () => {
    const apart = recorded.filter(
      ({ logIndex, verification }) => logIndex !== verification.inclusionProof.logIndex,
    );
    expect(apart.length).toBeGreaterThan(0);
    for (const { uuid, ...answer } of apart) {
      const { entries } = parseEvidence(
        formatEvidence({ log, entries: [parseLogEntry({ [uuid]: answer })] }),
      );
      expect(entries[0]?.time.logIndex).toBe(answer.logIndex);
      expect(entries[0]?.proof.index).toBe(answer.verification.inclusionProof.logIndex);
      expect(entries[0]?.proof.size).toBe(answer.verification.inclusionProof.treeSize);
    }
  });
});

function firstEntry(): Evidence['entries'][number] {
  const [entry] = parseEvidence(fileOf(evidenceMembers())).entries;
  if (entry === undefined) throw new Error('no entry');
  return entry;
}

/** The parts as the reader has them. */
function asBuffers({ log, entries }: Evidence): Evidence {
  return {
    log,
    entries: entries.map(({ id, body, logId, proof, time }) => ({
      id,
      body: Buffer.from(body),
      logId,
      proof: {
        ...proof,
        rootHash: Buffer.from(proof.rootHash),
        hashes: proof.hashes.map((each) => Buffer.from(each)),
      },
      time: { ...time, signature: Buffer.from(time.signature) },
    })),
  };
}
