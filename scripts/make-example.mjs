// Makes the signed chart of examples/ anew from examples/hello, with a real Helm and a key that is thrown away.
// Run it after changing that chart; it needs gpg, and fetches Helm. What it makes is checked in.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { fetchHelms } from './fetch-helm.mjs';
import { createPublisher } from './publisher.mjs';
import { endWithOneLine } from './one-line-errors.mjs';

endWithOneLine();

const examples = path.join(import.meta.dirname, '..', 'examples');

const helm = (await fetchHelms()).find(({ version }) => version === '4.1.4');
if (helm === undefined) throw new Error('Helm 4.1.4 is not among the pinned versions');

const publisher = await createPublisher('Example Publisher <publisher@example.com>');
try {
  const signed = ['package', path.join(examples, 'hello'), '--destination', examples, ...publisher.signing];
  await promisify(execFile)(helm.path, signed);
  await writeFile(path.join(examples, 'publisher.asc'), publisher.armoredKey);
} finally {
  await publisher.remove();
}
