// Makes src/trust/public-good.json, Sigstore's trusted root, and src/trust/tuf-root.json, the root of the TUF repository
// that keeps it up to date, both as npm's @sigstore/tuf of the version below carries them. Run it after raising that
// version.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { runNpm } from './npm.mjs';
import { endWithOneLine } from './one-line-errors.mjs';

endWithOneLine();

const source = '@sigstore/tuf@5.0.1';
/** When this version was published, by `npm view @sigstore/tuf time`. */
const date = '2026-11-05';
const mirror = 'https://tuf-repo-cdn.sigstore.dev';
const room = path.join(import.meta.dirname, '..', 'src', 'trust');

const directory = await mkdtemp(path.join(tmpdir(), 'helm-sigstore-'));
try {
  await runNpm(['pack', '--silent', source, '--pack-destination', directory]);
  const [archive = ''] = await readdir(directory);
  const seeds = await readMember(path.join(directory, archive), 'package/seeds.json');
  const seed = JSON.parse(seeds)[mirror];
  await place('public-good.json', { source, date, trustedRoot: decode(seed.targets['trusted_root.json']) });
  await place('tuf-root.json', decode(seed['root.json']));
} finally {
  await rm(directory, { recursive: true, force: true });
}

/**
 * @param {string} base64
 * @returns {object} the JSON that it holds
 */
function decode(base64) {
  return JSON.parse(Buffer.from(base64, 'base64').toString('utf8'));
}

/**
 * @param {string} name of a file of the room
 * @param {object} content
 */
async function place(name, content) {
  await writeFile(path.join(room, name), `${JSON.stringify(content, undefined, 2)}\n`);
}

/**
 * @param {string} archive path of a gzipped tar archive
 * @param {string} name of a file in it
 * @returns {Promise<string>} its text
 */
async function readMember(archive, name) {
  const entries = extract();
  Readable.from([gunzipSync(await readFile(archive))]).pipe(entries);
  for await (const entry of entries) {
    if (entry.header.name === name) return (await buffer(entry)).toString('utf8');
    entry.resume();
  }
  throw new Error(`${archive} has no ${name}`);
}
