// Makes src/trust/public-good.json: Sigstore's trusted root, as npm's @sigstore/tuf of the version below carries it.
// Run it after raising that version.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { runNpm } from './npm.mjs';

const source = '@sigstore/tuf@5.0.1';
/** When this version was published, by `npm view @sigstore/tuf time`. */
const date = '2026-11-05';
const mirror = 'https://tuf-repo-cdn.sigstore.dev';
const target = path.join(import.meta.dirname, '..', 'src', 'trust', 'public-good.json');

const directory = await mkdtemp(path.join(tmpdir(), 'helm-sigstore-'));
try {
  await runNpm(['pack', '--silent', source, '--pack-destination', directory]);
  const [archive = ''] = await readdir(directory);
  const seeds = await readMember(path.join(directory, archive), 'package/seeds.json');
  const root = Buffer.from(JSON.parse(seeds)[mirror].targets['trusted_root.json'], 'base64').toString('utf8');
  const content = { source, date, trustedRoot: JSON.parse(root) };
  await writeFile(target, `${JSON.stringify(content, undefined, 2)}\n`);
} finally {
  await rm(directory, { recursive: true, force: true });
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
