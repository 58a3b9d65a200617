import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { World } from '../support/world/world.ts';

const SUM = '0'.repeat(64);

let world: World;
let stranger: TestSigner;
beforeAll(async () => {
  world = await World.open();
  stranger = await createSigner();
});
afterAll(async () => {
  await world.close();
});

/** Inspects a provenance by a stranger whose Chart.yaml has these further lines. */
async function inspect(lines: string, ...options: readonly string[]) {
  const text = `name: hello\nversion: 0.1.0\n${lines}\n...\nfiles:\n  hello-0.1.0.tgz: sha256:${SUM}\n`;
  const path = await world.write('hello.prov', await stranger.signText(text));
  return await world.run(['inspect', path, ...options]);
}

describe('a signature by a key that is not in the keyring', () => {
  it('is named by its fingerprint, with each place that was searched and nothing that would import the key', async () => {
    const empty = await world.write('none.gpg', (await createSigner()).certificate);
    const { status, stderr } = await inspect('', '--keyring', world.keyring, '--keyring', empty);
    const { fingerprint } = stranger;
    expect(status).toBe(10);
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(
        new RegExp(
          `^Error: .*: expected a key of ${world.keyring} \\(1 key\\), ${empty} \\(1 key\\), found the fingerprint ${fingerprint}$`,
        ),
      ),
      'Hint: ask the publisher, by another way than this chart, which fingerprint their key has; if it is this one, get their key from them and add it with helm sigstore keys add, or, where --keyring or KEYRING names other keys, name it with --public-key',
      '',
    ]);
  });

  it('names the home of GnuPG also when there is nothing in it, and few of many places', async () => {
    const { stderr } = await inspect('');
    expect(stderr).toContain(`expected a key of ${join(world.user.home, '.gnupg')} (0 keys), found`);
    const files = await Promise.all(
      Array.from({ length: 8 }, (_, index) => world.write(`ring${index}.gpg`, world.publisher.certificate)),
    );
    const many = await inspect('', ...files.flatMap((file) => ['--keyring', file]));
    expect(many.stderr).toContain('ring4.gpg (1 key) and 3 more places (3 keys), found');
  });

  it('counts the keys of a folder together', async () => {
    const folder = join(world.directory, 'ring.d');
    await mkdir(folder);
    for (const name of ['a', 'b', 'c'])
      await writeFile(join(folder, name), (await createSigner()).certificate);
    expect((await inspect('', '--keyring', folder)).stderr).toContain(
      `expected a key of ${folder} (3 keys), found`,
    );
  });

  it.each<[string, () => string, RegExp]>([
    ['the same key', () => stranger.fingerprint, /found the fingerprint [0-9a-f]{40}\n/],
    [
      'another key',
      () => world.publisher.fingerprint,
      /found the fingerprint [0-9a-f]{40}, while the chart itself names [0-9a-f]{40} \(artifacthub\.io\/signKey\): another key, or/,
    ],
  ])('and where the chart names %s, only a difference is said, and no address', async (_, named, error) => {
    const annotation = `annotations:\n  artifacthub.io/signKey: |\n    fingerprint: ${named()}\n    url: https://charts.example/key.asc\n`;
    const { status, stderr } = await inspect(annotation, '--keyring', world.keyring);
    expect(status).toBe(10);
    expect(stderr).toMatch(error);
    expect(stderr).not.toContain('https://charts.example');
  });

  it('is what a publisher is asked to name the keyring for', async () => {
    const { path } = await world.chart('strange', stranger);
    const argv = ['upload', path, ...world.trusting(), '--keyring', world.keyring];
    const { status, stderr } = await world.run(argv);
    expect(status).toBe(10);
    expect(stderr).toMatch(/\nHint: name the keyring that helm package --sign signed with/);
  });
});
