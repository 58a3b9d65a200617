import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { serveFiles } from '../support/static-server.ts';
import { chartText, createSigner } from '../support/signer.ts';
import { chartArchive } from '../support/chart.ts';
import { World } from '../support/world/world.ts';

/** The name that chose a rule, and what an index says, have to be what is in the archive: signed or not. */

let world: World;
let count = 0;

beforeAll(async () => {
  world = await World.open();
  await copyFile(world.log.publicKeyPath, join(world.directory, 'log.pem'));
  await copyFile(world.keyring, join(world.directory, 'publisher.gpg'));
});

afterAll(async () => {
  await world.close();
});

async function check(words: readonly string[], lines: string) {
  count += 1;
  const path = await world.write(
    `policy-${count}.yaml`,
    `version: 1\nkeys: [publisher.gpg]\nlogs: [{ url: "${world.log.url}", publicKeys: [log.pem] }]\n${lines}\n`,
  );
  const argv = ['policy', 'check', ...words, '--policy', path, '--output', 'json'];
  const { status, stdout } = await world.run(argv);
  const { results = [] } = JSON.parse(stdout) as { results?: { verdict?: string }[] };
  return { status, verdict: results[0]?.verdict };
}

const LENIENT = [
  'otherwise: warn',
  'otherwise: allow',
  'rules: [{ name: all, charts: ["**"], level: warn, signedBy: any }]',
];

describe('a chart that nobody signed', () => {
  async function bare(name: string) {
    const { path } = await world.chart(name);
    await rm(`${path}.prov`);
    return path;
  }

  test.each(LENIENT)('is rejected if it is not the archive that an index names, under %s', async (lines) => {
    const path = await bare('bare');
    const index = (sha256: string) =>
      `apiVersion: v1\nentries:\n  bare:\n    - { name: bare, version: 0.1.0, digest: "${sha256}", urls: [bare-0.1.0.tgz] }\n`;
    const directory = await world.subdirectory(`index-${count}`);
    await copyFile(path, join(directory, 'bare-0.1.0.tgz'));
    const file = await world.write(`index-${count}/index.yaml`, index('0'.repeat(64)));
    expect(await check([file], lines)).toMatchObject({ status: 10 });
    await world.write(`index-${count - 1}/index.yaml`, index(sha256Hex(await readFile(path))));
    expect(await check([file], lines)).toMatchObject({ status: 0 });
  });

  test.each(LENIENT)(
    'is rejected if it is another chart than its file name says, under %s',
    async (lines) => {
      const path = join(await world.subdirectory(`named-${count}`), 'other-0.1.0.tgz');
      await copyFile(await bare('bare'), path);
      expect(await check([path], lines)).toMatchObject({ status: 10, verdict: 'rejected' });
    },
  );
});

/** The rule for hello is satisfied; the one for payments is not. */
const BY_NAME = () => `rules:
  - { name: hello, charts: ["hello*"], origin: any, signedBy: [{ openpgp: ${world.publisher.fingerprint} }] }
  - { name: payments, charts: ["payments*"], origin: any, signedBy: [{ openpgp: ${'0'.repeat(40)} }] }`;

describe('a chart that is signed under a file name that leads to another rule', () => {
  /** The publisher may sign hello, and signs a chart payments as a file of another name. */
  async function disguised(fileName: string, signer = world.publisher, name = 'payments') {
    const textOf = (archive: Uint8Array, file: string) =>
      chartText(name, '1.0.0', archive).replace(/^( *).*-1\.0\.0\.tgz:/m, `$1${file}:`);
    const other = join(await world.subdirectory(`disguised-${count}`), fileName);
    const archive = await chartArchive('payments', '1.0.0');
    await writeFile(other, archive);
    await writeFile(`${other}.prov`, await signer.signText(textOf(archive, fileName)));
    if (signer !== world.publisher) return other;
    expect((await world.runKnowing('upload', other, '--no-evidence')).status).toBe(0);
    return other;
  }

  test('is rejected: a file whose name can be read in several ways', async () => {
    const path = await disguised('hello-1.0.0-1.0.0.tgz');
    expect(await check([path], BY_NAME())).toMatchObject({ status: 10, verdict: 'rejected' });
  });

  test('is rejected: a URL', async () => {
    const path = await disguised('hello-1.0.0.tgz');
    const served = {
      '/hello-1.0.0.tgz': await readFile(path),
      '/hello-1.0.0.tgz.prov': await readFile(`${path}.prov`),
    };
    const { url } = await serveFiles(served);
    expect(await check([`${url}/hello-1.0.0.tgz`], BY_NAME())).toMatchObject({
      status: 10,
      verdict: 'rejected',
    });
  });

  test('is rejected: by a signer whom nobody knows, where a rule only warns', async () => {
    const path = await disguised('hello-1.0.0.tgz', await createSigner(), 'hello');
    for (const lines of LENIENT)
      expect(await check([path], lines)).toMatchObject({ status: 10, verdict: 'rejected' });
  });

  test('is refused: a file without the name of a chart, which --as says', async () => {
    const path = join(await world.subdirectory(`nameless-${count}`), 'x.tgz');
    await copyFile((await world.chart('payments')).path, path);
    const lines = `${BY_NAME()}\notherwise: allow`;
    expect(await check([path], lines)).toMatchObject({ status: 10, verdict: 'refused' });
    expect(await check([path, '--as', 'payments-0.1.0.tgz'], lines)).toMatchObject({ status: 10 });
    expect(await check([path, '--as', 'free-0.1.0.tgz'], lines)).toMatchObject({ status: 10 });
  });
});
