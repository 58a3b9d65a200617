import { createHash } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { GnupgHome } from '../support/gnupg.ts';
import { plainSignatureOf } from '../support/plain-signature.ts';
import type { PlainSignature } from '../support/signature-log.ts';
import type { World } from '../support/world/world.ts';

const CHART = path.join(import.meta.dirname, '../../examples/hello-0.1.0.tgz');

/** A chart with its provenance, the keyring of its signer, and that signature as a log takes it. */
interface SignedByGpg {
  readonly chart: string;
  readonly keyring: string;
  readonly signed: PlainSignature;
}

/** A chart in a folder of its own that a new key of gpg signed. */
export async function signedByGpg(
  home: GnupgHome,
  world: World,
  algorithm: string,
  hash: string,
): Promise<SignedByGpg> {
  const user = `${algorithm}-${hash}@example.com`;
  await home.gpgWithSecrets(['--quick-generate-key', user, algorithm, 'sign', 'never']);
  const directory = await world.subdirectory(`${algorithm}-${hash}`);
  const chart = path.join(directory, 'hello-0.1.0.tgz');
  await copyFile(CHART, chart);
  const sha256 = createHash('sha256')
    .update(await readFile(CHART))
    .digest('hex');
  const text = path.join(directory, 'text');
  const yaml = 'apiVersion: v2\nname: hello\nversion: 0.1.0\n';
  await writeFile(text, `${yaml}\n...\nfiles:\n  hello-0.1.0.tgz: sha256:${sha256}\n`);
  await home.gpgWithSecrets([
    ...['--local-user', user, '--digest-algo', hash, '--output', `${chart}.prov`, '--clearsign', text],
  ]);
  const keyring = path.join(directory, 'keyring.gpg');
  const certificate = await home.gpg(['--export', user]);
  await writeFile(keyring, certificate);
  return { chart, keyring, signed: plainSignatureOf(await readFile(`${chart}.prov`), certificate) };
}
