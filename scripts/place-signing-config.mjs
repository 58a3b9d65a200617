// Makes src/services/public-good-signing-config.json of a `signing_config.v0.2.json` that a TUF client brought from
// Sigstore's repository (the package that has the trusted root has no signing config):
// `node scripts/place-signing-config.mjs FILE YYYY-MM-DD`, the day on which it was brought.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { endWithOneLine } from './one-line-errors.mjs';

endWithOneLine();

const [file, date] = process.argv.slice(2);
if (file === undefined || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(date ?? ''))
  throw new Error('expected a file, and the day on which it was brought');
const signingConfig = JSON.parse(await readFile(file, 'utf8'));
if (signingConfig.mediaType !== 'application/vnd.dev.sigstore.signingconfig.v0.2+json')
  throw new Error(`${file} is no signing config 0.2`);
const target = path.join(import.meta.dirname, '..', 'src', 'services', 'public-good-signing-config.json');
const source = 'signing_config.v0.2.json of https://tuf-repo-cdn.sigstore.dev';
await writeFile(target, `${JSON.stringify({ source, date, signingConfig }, undefined, 2)}\n`);
