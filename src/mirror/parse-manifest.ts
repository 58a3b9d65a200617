import * as z from '../zod.ts';
import { parseSha256 } from '../digest.ts';
import { decodeUtf8, encodeUtf8, equalBytes, excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { checkShape, lateSchema, parseJson } from '../shape.ts';
import { parseTimestamp } from '../trust/timestamp.ts';
import {
  formatManifest,
  FRAME,
  MANIFEST,
  MANIFEST_LIMIT,
  MANIFEST_TYPE,
  MAX_CHARTS,
  MAX_FILES,
  pathsNeeded,
  VERDICT,
  type Manifest,
  type MirroredChart,
  type MirroredFile,
} from './manifest.ts';
import { foldedPath, isPortablePath } from './portable-path.ts';

/**
 * The manifest that these bytes spell. Each manifest has one spelling, that of `formatManifest`, so every other one is
 * refused: other white space, another order, members that are there twice or that nobody knows.
 * @throws MalformedError on anything else, and on paths that leave the directory, or that some system takes for one
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  if (bytes.length > MANIFEST_LIMIT)
    throw new MalformedError(`expected at most ${MANIFEST_LIMIT} bytes, found ${bytes.length}`);
  const text = decodeUtf8(bytes);
  const [before, between, behind] = FRAME;
  if (!text.startsWith(before)) throw otherDocument(text);
  const middle = text.indexOf(between, before.length);
  if (middle < 0 || !text.endsWith(behind)) throw new MalformedError('it is cut, or in another form');
  const charts = recordsOf(text.slice(before.length, middle), MAX_CHARTS, 'charts').map(chartOf);
  const rest = text.slice(middle + between.length, -behind.length);
  const files = recordsOf(rest, MAX_FILES, 'files').map(fileOf);
  requireSound(charts, files);
  const manifest = { charts, files };
  if (!equalBytes(formatManifest(manifest), bytes))
    throw new MalformedError('expected the one spelling that helm sigstore mirror writes, found another');
  return manifest;
}

const text = (limit: number) =>
  z.string().check(z.minLength(1, 'some text'), z.maxLength(limit, `at most ${limit} characters`));
const matching = (form: RegExp, what: string) => z.string().check(z.regex(form, what));

const chartSchema = lateSchema(() =>
  z.strictObject({
    archive: text(255),
    name: text(255),
    version: text(255),
    verdict: z.literal(VERDICT),
    time: text(20),
    signer: z.optional(matching(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'a fingerprint')),
    identity: z.optional(text(MAX_NAME)),
    issuer: z.optional(text(MAX_NAME)),
    key: z.optional(matching(/^[0-9a-f]{64}$/, 'the digest of a key')),
  }),
);

/** Characters of a name in a certificate. */
const MAX_NAME = 2000;

const fileSchema = lateSchema(() =>
  z.strictObject({
    path: text(600),
    size: z.int().check(z.gte(0, 'a number of bytes')),
    sha256: text(64),
  }),
);

function chartOf(record: unknown): MirroredChart {
  const { archive, name, version, time, signer, identity, issuer, key } = checkShape(chartSchema(), record);
  if ((identity === undefined) !== (issuer === undefined) || (identity !== undefined && key !== undefined))
    throw new MalformedError('expected an identity with its issuer, or a key, found something else');
  if ([signer, identity, key].every((each) => each === undefined))
    throw new MalformedError(`expected who signed ${excerpt(archive)}, found nobody`);
  return { archive, name, version, time: parseTimestamp(time), signer, identity, issuer, key };
}

function fileOf(record: unknown): MirroredFile {
  const { path, size, sha256 } = checkShape(fileSchema(), record);
  return { path, size, sha256: parseSha256(sha256) };
}

/** One JSON value a line. The comparison of the whole text finds missing commas and other blanks. */
function recordsOf(lines: string, most: number, what: string): unknown[] {
  const records: unknown[] = [];
  for (let at = 0; at < lines.length;) {
    if (records.length === most) throw new MalformedError(`expected at most ${most} ${what}, found more`);
    const newline = lines.indexOf('\n', at);
    const end = newline < 0 ? lines.length : newline;
    const line = lines.slice(at, end);
    records.push(parseJson(encodeUtf8(line.endsWith(',') ? line.slice(0, -1) : line)));
    at = end + 1;
  }
  return records;
}

/** Whether paths are sound, what belongs to a chart is there, and nothing else that a run does not put there. */
function requireSound(charts: readonly MirroredChart[], files: readonly MirroredFile[]): void {
  const folded = new Set([foldedPath(MANIFEST)]);
  for (const { path } of files) {
    if (!isPortablePath(path))
      throw new MalformedError(`expected paths within the mirror, of plain names, found ${excerpt(path)}`);
    if (folded.has(foldedPath(path)))
      throw new MalformedError(`expected each path once, found ${excerpt(path)} again`);
    folded.add(foldedPath(path));
  }
  const paths = new Set(files.map(({ path }) => path));
  const seen = new Set<string>();
  for (const { archive, ...signers } of charts) {
    if (seen.has(archive))
      throw new MalformedError(`expected each chart once, found ${excerpt(archive)} again`);
    seen.add(archive);
    const { all, one, any } = pathsNeeded(archive, signers);
    const missing =
      all.find((path) => !paths.has(path)) ?? (one.some((path) => paths.has(path)) ? undefined : one[0]);
    if (missing !== undefined)
      throw new MalformedError(`expected ${excerpt(missing)} among the files, found no such path`);
    for (const path of [...all, ...one, ...any]) paths.delete(path);
  }
  // Nobody would verify it, and it would not be additional either.
  const stray = [...paths].find((path) => !BESIDE_CHARTS.test(path));
  if (stray !== undefined)
    throw new MalformedError(`expected the files of charts, of keys and the index, found ${excerpt(stray)}`);
}

const BESIDE_CHARTS =
  /^(?:index\.yaml|keys\/(?:[0-9A-F]{40}|[0-9A-F]{64})\.asc|trust\/(?:trusted_root\.json|[0-9a-f]{64}\.pem))$/;

function otherDocument(text: string): MalformedError {
  const [, type] = /^\s*\{\s*"mediaType":\s*"([^"\n]{1,200})"/.exec(text.slice(0, 1000)) ?? [];
  const [, version] =
    /^application\/vnd\.helm-sigstore\.mirror\.v([1-9][0-9]{0,5})\+json$/.exec(type ?? '') ?? [];
  if (version !== undefined && version !== '1')
    return new MalformedError(
      `it is a manifest of version ${version}, and this release of helm sigstore reads version 1: another release made it`,
    );
  return new MalformedError(
    `expected a manifest of the type ${MANIFEST_TYPE}, found ${type === undefined ? excerpt(text) : excerpt(type)}`,
  );
}
