import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expectLinear } from '../support/linear.ts';
import { isThorough } from '../support/thorough.ts';
import type { Hostile } from './hostile.ts';
import { PARSERS } from './parsers.ts';

const SOURCES = join(import.meta.dirname, '../../src');

/** Files that call bytes malformed which a parser of the table has read; or that read no more than a few. */
const READ_BEFORE: Readonly<Record<string, string>> = {
  'chart/fetch/oci-layers.ts': 'takes what registry/manifest.ts has parsed, and filters its layers',
  'proving/attached-bundle.ts': 'evidence/parse-bundle.ts and provenance/provenance.ts read the bytes',
  'proving/attach-uploaded.ts': 'evidence/parse.ts and registry/manifest.ts read the bytes',
  'registry/fallback-index.ts': 'registry/referrer-lists.ts and strict-json.ts read the bytes',
  'chart/archive/archive.ts': 'unpacks a stream, which findChartYaml reads',
  'embedded-log/journal/batches.ts': 'has the lines of its own file read by parseRecord',
  'embedded-log/check/check-copy.ts': 'compares what parseCheckpoint and parseTilePath read',
  'embedded-log/check/check-index.ts': 'compares the segments that parseSegmentList read, block by block',
  'embedded-log/check/check-tiles.ts': 'compares what readPromises and bodiesIn read',
  'embedded-log/log/contents.ts': 'compares records that parseRecord read',
  'embedded-log/journal/journal-lines.ts': 'has the first line of a journal read by parseRecord',
  'embedded-log/backup/restore-log.ts':
    'compares the members that parseTarHeader read with those of a backup',
  'embedded-log/backup/tar-reader.ts': 'has each header read by parseTarHeader, and passes on the content',
  'embedded-log/journal/journal.ts': 'has the lines of its own file read by readRecord',
  'embedded-log/log/migrate.ts': 'compares records that parseRecord and parseOldRecord read',
  'embedded-log/index/stored-index.ts': 'compares the segments that parseSegmentList read',
  'log-page/log-api.ts': 'has entries read by shownEntriesIn, and looks at single members of other answers',
  'history/listings-file.ts': 'has its own file read by parseJson, and bounds the trees that it lists',
  'services/log-entry.ts':
    'compares a proof and a checkpoint that tlog/checkpoint.ts and tlog/merkle.ts read',
  'identity/token-sources.ts': 'looks for one member, and has the token read by readTokenClaims',
  'openpgp/key-lifetime.ts': 'judges the signatures of a certificate',
  'openpgp/octets.ts': 'takes octets off for the readers of packets',
  'openpgp/revocation.ts': 'judges the signatures of a certificate',
  'openpgp/subkey-binding.ts': 'judges the signatures of a certificate',
  'tlog/merkle.ts': 'folds a list of hashes that the schema bounds',
  'trust/default-log.ts': 'has its file, of 16 KiB at most, read by parseJson',
  'trust/pins.ts': 'has the keys read by logKeysFromPemFile',
  'trust/sigstore-root.ts': 'has the root read by parseTrustedRoot',
  'trust/trusted-log-files.ts': 'has keys and roots read by logKeysFromPemFile and parseTrustedRoot',
  'verification/entry-checks.ts': 'judges an entry that was read',
  'verification/log-checks.ts': 'judges an entry that was read',
};

/** Of so many inputs of a parser one is tried in every run; which, differs from parser to parser. */
const SAMPLE = 8;

describe.each(PARSERS.map((parser, number) => ({ ...parser, number })))(
  '$name takes time linear in its input',
  ({ work, inputs, number }) => {
    const rows = Object.entries(inputs);
    const isSampled = (_: unknown, index: number) => (index + number) % SAMPLE === 0;
    const measure = async (_: string, makeInput: Hostile) => {
      await expectLinear(makeInput, work, { size: 100_000 });
    };
    it.each(rows.filter(isSampled))('%s', measure);
    it.skipIf(!isThorough).each(rows.filter((row, index) => !isSampled(row, index)))(
      '%s (needs CI or npm run test:all)',
      measure,
    );
  },
);

it('every file that calls bytes malformed is in the table', () => {
  const known = new Set([...PARSERS.map(({ file }) => file), ...Object.keys(READ_BEFORE)]);
  const missing = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter(
    (file) =>
      file.endsWith('.ts') &&
      readFileSync(join(SOURCES, file), 'utf8').includes('new MalformedError(') &&
      !known.has(file),
  );
  expect(missing).toEqual([]);
});
