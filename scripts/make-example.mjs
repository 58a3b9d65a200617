// Makes the signed chart of examples/ anew from examples/hello, with a real Helm and a key that is thrown away.
// Run it after changing that chart; it needs gpg, and fetches Helm. What it makes is checked in.
//
// examples/logged/ has the same chart with the proof of a log, whose key is thrown away as well: packages of the plugin have it,
// so that their users can verify a chart at once. `--logged` makes that alone anew.
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildDist } from './build.mjs';
import { launcher, startLog } from './embedded-log.mjs';
import { fetchHelms } from './fetch-helm.mjs';
import { createPublisher } from './publisher.mjs';
import { endWithOneLine } from './one-line-errors.mjs';

endWithOneLine();

const examples = path.join(import.meta.dirname, '..', 'examples');

const chart = 'hello-0.1.0.tgz';
const run = promisify(execFile);

if (!process.argv.includes('--logged')) await sign();
await putOnLog();

async function sign() {
  const helm = (await fetchHelms()).find(({ version }) => version === '4.1.4');
  if (helm === undefined) throw new Error('Helm 4.1.4 is not among the pinned versions');
  const publisher = await createPublisher('Example Publisher <publisher@example.com>');
  try {
    const hello = path.join(examples, 'hello');
    await run(helm.path, ['package', hello, '--destination', examples, ...publisher.signing]);
    await writeFile(path.join(examples, 'publisher.asc'), publisher.armoredKey);
  } finally {
    await publisher.remove();
  }
}

async function putOnLog() {
  await buildDist();
  const logged = path.join(examples, 'logged');
  await mkdir(logged, { recursive: true });
  for (const file of [chart, `${chart}.prov`, 'publisher.asc'])
    await copyFile(path.join(examples, file), path.join(logged, file));
  const directory = await mkdtemp(path.join(tmpdir(), 'helm-sigstore-'));
  const env = { ...process.env, HELM_SIGSTORE_HOME: path.join(directory, 'state') };
  const log = await startLog(path.join(directory, 'log'), env);
  try {
    const evidence = path.join(logged, `${chart}.rekor.json`);
    await rm(evidence, { force: true });
    const which = ['--rekor-server', log.url, '--rekor-public-key', log.publicKey];
    const keyring = path.join(logged, 'publisher.asc');
    await run(
      process.execPath,
      [launcher, 'upload', path.join(logged, chart), '--keyring', keyring, ...which],
      {
        env,
      },
    );
    await copyFile(log.publicKey, path.join(logged, 'log.pem'));
    // The address is no part of the proof; that of a log that is gone would only mislead.
    const text = await readFile(evidence, 'utf8');
    await writeFile(evidence, text.replace(log.url, 'https://rekor.example.com'));
  } finally {
    await log.stop();
    await rm(directory, { recursive: true });
  }
}
