import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSigner } from '../support/signer.ts';
import { readVector, vectorPath, vectors } from '../support/vectors.ts';
import { HostileWorld, type Publication } from '../support/world/hostile-world.ts';
import { World } from '../support/world/world.ts';

const FLAG = '--insecure-allow-weak-keys';
const HINT = new RegExp(
  `Hint: (?:ask the publisher to )?sign with a stronger key, or accept (?:it|this one) all the same with ${FLAG}\n`,
);

describe('a chart on a log, signed', () => {
  it.each<[string, Publication, RegExp]>([
    [
      'by an RSA key of 1024 bits',
      { publisher: { algorithm: 'rsa1024' } },
      /the key [0-9a-f]{40} is RSA 1024, which is too weak/,
    ],
    [
      'over a digest by SHA-1',
      { publisher: { algorithm: 'rsa2048' }, signing: { hash: 'sha1' } },
      /the signature is over a digest by SHA-1, which is too weak/,
    ],
  ])(
    '%s, is refused, and verified only with the option, which every output shows',
    async (_, publication, weakness) => {
      const hostile = await HostileWorld.open(publication);
      hostile.logChart();
      hostile.user.output = 'text';
      const refused = await hostile.run('verify');
      expect(refused.status).toBe(10);
      expect(refused.stderr).toMatch(new RegExp(`provenance-signature: ${weakness.source}\n`));
      expect(refused.stderr).toMatch(HINT);

      hostile.user.options = [FLAG];
      const accepted = await hostile.run('verify');
      expect(accepted).toMatchObject({ status: 0, stderr: '' });
      const warning = new RegExp(`accepted only because of ${FLAG}: ${weakness.source}`);
      expect(accepted.stdout).toMatch(new RegExp(`^Warning: ${warning.source}$`, 'm'));

      hostile.user.output = 'json';
      const { stdout } = await hostile.run('verify');
      const document = JSON.parse(stdout) as { results: [{ evidences: [{ warnings: string[] }] }] };
      expect(document).toMatchObject({ insecure: [FLAG], results: [{ verdict: 'verified' }] });
      expect(document.results[0].evidences[0].warnings.filter((line) => warning.test(line))).toHaveLength(1);
    },
  );

  it('over a digest by MD5, is refused with the option as well, and it is not offered', async () => {
    const hostile = await HostileWorld.open({
      publisher: { algorithm: 'rsa2048' },
      signing: { hash: 'md5' },
    });
    hostile.logChart();
    hostile.user.output = 'text';
    for (const options of [[], [FLAG]]) {
      hostile.user.options = options;
      const { status, stderr } = await hostile.run('verify');
      expect(status).toBe(10);
      expect(stderr).toContain('the signature is over a digest by MD5, which is too weak');
      expect(stderr).not.toMatch(HINT);
    }
  });

  it('by a strong key, is verified as ever, but the option is shown', async () => {
    const hostile = await HostileWorld.open();
    hostile.logChart();
    hostile.user.options = [FLAG];
    hostile.user.output = 'text';
    const { status, stdout } = await hostile.run('verify');
    expect(status).toBe(0);
    expect(stdout).toContain(`Warning: weak keys and digests would have been accepted: ${FLAG}\n`);
  });
});

describe('upload and inspect', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(async () => {
    await world.close();
  });

  it('send and accept nothing by a weak key without the option', async () => {
    const { path, keyring } = await world.chart('weak', await createSigner({ algorithm: 'rsa1024' }));
    for (const command of ['upload', 'inspect']) {
      const options = [...(command === 'upload' ? world.trusting() : []), '--keyring', keyring];
      const refused = await world.run([command, path, ...options]);
      expect(refused.status).toBe(10);
      expect(refused.stderr).toMatch(HINT);
      // With it, the log is asked; this one takes no weak keys.
      const accepted = await world.run([command, path, ...options, FLAG, '--output', 'json']);
      expect(accepted.status).toBe(command === 'upload' ? 5 : 0);
      expect(JSON.parse(accepted.stdout)).toMatchObject({ insecure: [FLAG] });
    }
    const { stdout } = await world.run(['inspect', path, '--keyring', keyring, FLAG]);
    expect(stdout).toMatch(
      new RegExp(`^Warning: accepted only because of ${FLAG}: the key .* is RSA 1024`, 'm'),
    );
  });
});

describe.skipIf(!vectors)('DSA keys of a real GnuPG (needs the vectors)', () => {
  it.each(['alg-dsa1024', 'alg-dsa2048', 'alg-dsa3072'])('%s', async (name) => {
    const world = await World.open();
    const path = await world.write(`${name}.prov`, readVector('provenance', name, 'mychart-0.1.0.tgz.prov'));
    const options = ['--keyring', vectorPath('provenance', name, 'key.gpg')];
    const refused = await world.run(['inspect', path, ...options]);
    expect(refused.status).toBe(10);
    expect(refused.stderr).toMatch(/is DSA (1024|2048|3072), which is too weak\n/);
    expect(refused.stderr).toMatch(HINT);
    expect((await world.run(['inspect', path, ...options, FLAG])).status).toBe(0);
    await world.close();
  });
});
