import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { Workshop } from './workshop.ts';

const SUM = '0'.repeat(64);

let workshop: Workshop;
let stranger: TestSigner;
beforeAll(async () => {
  workshop = await Workshop.open();
  stranger = await createSigner();
});
afterAll(async () => {
  await workshop.close();
});

/** Inspects a provenance by a stranger whose Chart.yaml has these further lines. */
async function inspect(lines: string, ...options: readonly string[]) {
  const text = `name: hello\nversion: 0.1.0\n${lines}\n...\nfiles:\n  hello-0.1.0.tgz: sha256:${SUM}\n`;
  const path = await workshop.write('hello.prov', await stranger.signText(text));
  return await workshop.run(['inspect', path, ...options]);
}

describe('a signature by a key that is not in the keyring', () => {
  it('is named by its fingerprint, with each place that was searched and what would import the key', async () => {
    const empty = await workshop.write('none.gpg', (await createSigner()).certificate);
    const { status, stderr } = await inspect('', '--keyring', workshop.keyring, '--keyring', empty);
    const { fingerprint } = stranger;
    expect(status).toBe(10);
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(
        new RegExp(
          `^Error: .*: expected a key of ${workshop.keyring} \\(1 key\\), ${empty} \\(1 key\\), found the fingerprint ${fingerprint}$`,
        ),
      ),
      `Hint: import it with gpg --recv-keys ${fingerprint.toUpperCase()}, or name the publisher's key file with --public-key`,
      '',
    ]);
  });

  it('names the home of GnuPG also when there is nothing in it, and few of many places', async () => {
    const { stderr } = await inspect('');
    expect(stderr).toContain(`expected a key of ${join(workshop.home, '.gnupg')} (0 keys), found`);
    const files = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        workshop.write(`ring${index}.gpg`, workshop.publisher.certificate),
      ),
    );
    const many = await inspect('', ...files.flatMap((file) => ['--keyring', file]));
    expect(many.stderr).toContain('ring4.gpg (1 key) and 3 more places (3 keys), found');
  });

  it('counts the keys of a folder together', async () => {
    const folder = join(workshop.directory, 'ring.d');
    await mkdir(folder);
    for (const name of ['a', 'b', 'c'])
      await writeFile(join(folder, name), (await createSigner()).certificate);
    expect((await inspect('', '--keyring', folder)).stderr).toContain(
      `expected a key of ${folder} (3 keys), found`,
    );
  });

  it.each<[string, () => string, RegExp]>([
    [
      'the same key',
      () => stranger.fingerprint,
      /; the chart itself names the fingerprint [0-9A-F]{40} and the address https:\/\/charts\.example\/key\.asc \(artifacthub\.io\/signKey\), which proves nothing: compare it with what its publisher says elsewhere\n/,
    ],
    [
      'another key',
      () => workshop.publisher.fingerprint,
      /which proves nothing and is another key, or the primary key of the one that signed: compare/,
    ],
  ])('passes on what the chart says of it, %s, as something to compare', async (_, named, hint) => {
    const annotation = `annotations:\n  artifacthub.io/signKey: |\n    fingerprint: ${named()}\n    url: https://charts.example/key.asc\n`;
    const { status, stderr } = await inspect(annotation, '--keyring', workshop.keyring);
    expect(status).toBe(10);
    expect(stderr).toMatch(hint);
  });
});
