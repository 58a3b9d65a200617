import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gnupg } from '../support/gnupg.ts';
import { GpgPublisher } from '../support/world/gpg-publisher.ts';
import { World } from '../support/world/world.ts';

const title = 'helm sigstore sign, with a real gpg (needs gpg)';

describe.skipIf(gnupg === undefined)(title, () => {
  let publisher: GpgPublisher;
  /** Of the key that gpg takes if it is not told. */
  let first: string;
  let count = 0;

  beforeAll(async () => {
    publisher = await GpgPublisher.create();
    first = await publisher.key('First <first@example.com>', 'rsa2048');
    await publisher.key('Second <second@example.com>');
  });
  afterAll(async () => {
    await publisher.close();
  });

  const fresh = (): Promise<string> => publisher.unsigned(`chart${(count += 1)}`);

  /** Signs one chart: the result in JSON, and the status. */
  async function signOne(path: string, ...options: readonly string[]) {
    const { status, stdout, stderr } = await publisher.sign([path, ...options, '--output', 'json']);
    const document = JSON.parse(stdout) as {
      results?: { provenance?: Record<string, unknown>; error?: { message: string } }[];
      counts?: Record<string, number>;
      errors?: { message: string; hint?: string }[];
    };
    return { status, document, result: document.results?.[0], stderr };
  }

  test('signs a chart by the key of gpg, leaves the archive as it is, and says who can verify it', async () => {
    const path = await fresh();
    const archive = await readFile(path);
    const { status, stdout, stderr } = await publisher.sign([path]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      `Signed: ${path}.prov`,
      `Chart: ${path}`,
      expect.stringMatching(/^Digest: sha256:[0-9a-f]{64}$/),
      'Signed By: First <first@example.com>',
      `Fingerprint: ${first}`,
      'Signature: SHA256, RSA 2048',
      expect.stringMatching(/^Signed At: 20/),
      'Verified By: Helm 3 and 4',
      '',
    ]);
    expect(await readFile(path)).toEqual(archive);
    expect(await publisher.inspect(path)).toBe(0);
  });

  test('a signature by the same key that holds is kept, to the byte', async () => {
    const path = await fresh();
    await publisher.sign([path]);
    const before = await publisher.provenance(path);
    const { status, result, document } = await signOne(path);
    expect({ status, counts: document.counts }).toMatchObject({ status: 0, counts: { good: 1, exists: 1 } });
    expect(result?.provenance).toMatchObject({
      outcome: 'unchanged',
      path: `${path}.prov`,
      digest: 'SHA256',
    });
    expect(await publisher.provenance(path)).toBe(before);
  });

  test('a chart that is named twice is signed once', async () => {
    const path = await fresh();
    const { status, stdout } = await publisher.sign([path, path]);
    expect(status).toBe(0);
    expect(stdout.match(/^Sign(?:ed|ature Already There): /gm)?.sort()).toEqual([
      'Signature Already There: ',
      'Signed: ',
    ]);
  });

  describe('a provenance that is there', () => {
    test.each([
      ['by another signer', 'is by another signer', ['--key', 'second@example.com'], undefined],
      ['of another archive', 'does not hold: archive-digest', [], 'archive'],
      ['that is none', 'is no provenance file', [], 'provenance'],
    ] as const)('%s is not overwritten without --force', async (_, why, signing, change) => {
      const path = await fresh();
      await publisher.sign([path, ...signing]);
      if (change === 'archive')
        await publisher.unsigned(
          `chart${count}`,
          undefined,
          `name: chart${count}\nversion: 0.1.0\napiVersion: v1\n`,
        );
      if (change === 'provenance') await writeFile(`${path}.prov`, 'something\n');
      const before = await publisher.provenance(path);
      const { status, stderr } = await publisher.sign([path]);
      expect(status).toBe(3);
      expect(stderr).toContain(why);
      expect(stderr).toContain('--force');
      expect(await publisher.provenance(path)).toBe(before);

      expect(await publisher.sign([path, '--force'])).toMatchObject({ status: 0 });
      expect(await publisher.inspect(path)).toBe(0);
      expect(await publisher.provenance(path)).not.toBe(before);
    });
  });

  test('of several charts one that fails stops no other, and a folder stands for its archives', async () => {
    const folder = await publisher.subdirectory('several');
    const [good, bad] = [
      await publisher.unsigned('good', 'several/good-0.1.0.tgz'),
      join(folder, 'bad-0.1.0.tgz'),
    ];
    await writeFile(bad, Buffer.from([0x1f, 0x8b, 0]));
    const { status, stdout, stderr } = await publisher.sign([folder, `${folder}/missing-0.1.0.tgz`]);
    expect(status).toBe(3);
    expect(stdout).toContain(`Signed: ${good}.prov`);
    expect(stderr).toContain(bad);
    expect(stderr).toContain('there is no file');
    expect(stderr).toContain('1 signed, 2 unreadable');
  });

  test('a name with blanks and quotes is signed as it is, with a warning', async () => {
    const path = await publisher.unsigned('hello', "it's my chart: 1 #2.tgz");
    const { status, stdout } = await publisher.sign([path]);
    expect({ status, inspected: await publisher.inspect(path) }).toEqual({ status: 0, inspected: 0 });
    expect(stdout).toContain('Helm itself calls this chart hello-0.1.0.tgz');
  });

  describe('--key', () => {
    test('names a key by its fingerprint, as people write it, or by a user ID', async () => {
      const second =
        (await publisher.gnupg.list()).find(({ userIds }) => userIds[0]?.startsWith('Second'))?.fingerprint ??
        '';
      const groups = second
        .toUpperCase()
        .replace(/(.{4})/g, '$1 ')
        .trim();
      for (const name of [
        second,
        `0x${second}`,
        groups,
        'second@example.com',
        '<second@example.com>',
        '=Second <second@example.com>',
      ]) {
        const path = await fresh();
        expect((await publisher.sign([path, '--key', name])).stdout).toContain('Signed By: Second');
      }
    });

    test('that stands for two keys is refused, and both are named', async () => {
      const { status, stderr } = await publisher.sign([await fresh(), '--key', 'example.com']);
      expect(status).toBe(2);
      expect(stderr).toContain(first);
      expect(stderr).toContain('Second');
    });

    test.each(['nobody', '-nobody', '--batch', '--yes', '--', '-'])(
      '%s, of which there is none, is never an option',
      async (name) => {
        const path = await fresh();
        const { status, stderr } = await publisher.sign([path, '--key', name]);
        expect({ status, stderr }).toEqual({
          status: 3,
          stderr: expect.stringContaining('gpg has no secret key for --key') as string,
        });
        expect(await publisher.provenance(path)).toBeUndefined();
      },
    );

    test('a key whose user ID begins with a dash can be named', async () => {
      await publisher.key('-dash <dash@example.com>');
      expect(await publisher.sign([await fresh(), '--key', '-dash'])).toMatchObject({ status: 0 });
    });

    test('without it the default-key of gpg signs', async () => {
      await publisher.configure('default-key second@example.com\n');
      expect((await publisher.sign([await fresh()])).stdout).toContain('Signed By: Second');
      await publisher.configure('');
    });
  });

  test('the subkey signs where a certificate has one, or the key that is named', async () => {
    const primary = await publisher.key('Subkeys <subkeys@example.com>', 'ed25519', { usage: 'sign' });
    await publisher.gnupg.gpgWithSecrets(['--quick-add-key', primary, 'rsa2048', 'sign', 'never']);
    const [subkey] =
      (await publisher.gnupg.list([])).find(({ fingerprint }) => fingerprint === primary.toLowerCase())
        ?.signingSubkeys ?? [];
    const sub = subkey?.fingerprint.toUpperCase() ?? '';
    for (const [name, said] of [
      [primary, `Signing Subkey: ${sub}`],
      [sub, `Signing Subkey: ${sub}`],
      [`${primary}!`, 'Signature: SHA512, Ed25519'],
    ] as const) {
      const path = await fresh();
      const { status, stdout } = await publisher.sign([path, '--key', name]);
      expect({ status, inspected: await publisher.inspect(path) }).toEqual({ status: 0, inspected: 0 });
      expect(stdout).toContain(said);
    }
  });

  describe('a key that nobody should sign with is refused, with words', () => {
    const past = ['--faked-system-time', '20200101T000000'];
    test.each([
      [
        'expired',
        'expired on 2020',
        () => publisher.key('Expired <expired@example.com>', 'ed25519', { expires: '1y', options: past }),
      ],
      ['weak', 'RSA 1024, which is too weak', () => publisher.key('Weak <weak@example.com>', 'rsa1024')],
      ['DSA', 'DSA 2048, which is too weak', () => publisher.key('Dsa <dsa@example.com>', 'dsa2048')],
      [
        'certifying alone',
        'do not allow it to sign',
        () => publisher.key('Certify <certify@example.com>', 'ed25519', { usage: 'cert' }),
      ],
      [
        'revoked',
        'was revoked',
        async () => {
          const fingerprint = await publisher.key('Revoked <revoked@example.com>');
          const made = await readFile(
            join(publisher.gnupg.path, 'openpgp-revocs.d', `${fingerprint}.rev`),
            'utf8',
          );
          const revocation = await publisher.write('revocation', made.replace(/^:(?=-----)/m, ''));
          await publisher.gnupg.import(revocation);
          return fingerprint;
        },
      ],
    ] as const)('%s', async (_, why, make) => {
      const fingerprint = await make();
      const path = await fresh();
      const { status, stderr } = await publisher.sign([path, '--key', fingerprint]);
      expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringContaining(why) as string });
      expect(await publisher.provenance(path)).toBeUndefined();
    });

    test('revoked in a copy that the user names, of which gpg does not know', async () => {
      const fingerprint = await publisher.key('Elsewhere <elsewhere@example.com>');
      const rev = join(publisher.gnupg.path, 'openpgp-revocs.d', `${fingerprint}.rev`);
      const certificate = await publisher.gnupg.gpg(['--armor', '--export', fingerprint]);
      const copy = await publisher.write(
        'copy.asc',
        `${certificate.toString()}\n${(await readFile(rev, 'utf8')).replace(/^:(?=-----)/m, '')}`,
      );
      const path = await fresh();
      const refused = await publisher.sign([path, '--key', fingerprint, '--keyring', copy]);
      expect(refused).toMatchObject({ status: 3, stderr: expect.stringContaining('was revoked') as string });
      expect(await publisher.sign([path, '--key', fingerprint])).toMatchObject({ status: 0 });
    });

    test('other than --fingerprint says', async () => {
      const { status, stderr } = await publisher.sign([await fresh(), '--fingerprint', 'ab'.repeat(20)]);
      expect({ status, stderr }).toEqual({
        status: 3,
        stderr: expect.stringContaining('--fingerprint') as string,
      });
    });

    test('one whose secret part is elsewhere', async () => {
      const fingerprint = await publisher.key('Away <away@example.com>');
      const { stdout } = await promisify(execFile)('gpg', [
        '--homedir',
        publisher.gnupg.path,
        '--with-colons',
        '--with-keygrip',
        '-K',
        fingerprint,
      ]);
      const grip = /^grp:+([0-9A-F]{40}):/m.exec(stdout)?.[1] ?? '';
      await rm(join(publisher.gnupg.path, 'private-keys-v1.d', `${grip}.key`));
      expect(await publisher.sign([await fresh(), '--key', fingerprint])).toMatchObject({ status: 3 });
    });
  });

  describe('a key with a passphrase', () => {
    let locked: string;

    beforeAll(async () => {
      locked = await publisher.key('Locked <locked@example.com>', 'ed25519', { passphrase: 'open sesame' });
      // What the agent knows since the key was made.
      await promisify(execFile)('gpgconf', ['--homedir', publisher.gnupg.path, '--kill', 'gpg-agent']);
      await writeFile(
        join(publisher.gnupg.path, 'gpg-agent.conf'),
        'pinentry-program /bin/false\ndefault-cache-ttl 0\nmax-cache-ttl 0\n',
      );
    });

    test('without a pinentry is refused, and what to do is said', async () => {
      const path = await fresh();
      const { status, stderr } = await publisher.sign([path, '--key', locked]);
      expect({ status, stderr }).toEqual({
        status: 3,
        stderr: expect.stringContaining('--passphrase-file') as string,
      });
      expect(await publisher.provenance(path)).toBeUndefined();
    });

    test('signs with the first line of a file, or of standard input, however many charts', async () => {
      const file = await publisher.write('passphrase', 'open sesame\r\nof no account\n');
      const paths = [await fresh(), await fresh(), await fresh()];
      expect(await publisher.sign([...paths, '--key', locked, '--passphrase-file', file])).toMatchObject({
        status: 0,
        stderr: '3 signed\n',
      });
      const piped = await publisher.sign([await fresh(), '--key', locked, '--passphrase-file', '-'], {
        stdin: 'open sesame',
      });
      expect(piped).toMatchObject({ status: 0 });
    });

    test('a wrong passphrase is called so, and is not repeated', async () => {
      const file = await publisher.write('wrong', 'hush hush\n');
      const path = await fresh();
      const { status, stdout, stderr } = await publisher.sign([
        path,
        '--key',
        locked,
        '--passphrase-file',
        file,
      ]);
      expect({ status, stderr }).toEqual({
        status: 3,
        stderr: expect.stringContaining('the passphrase is wrong') as string,
      });
      expect(stdout + stderr).not.toContain('hush');
      expect(await publisher.provenance(path)).toBeUndefined();
    });

    test('standard input is not the passphrase and the charts at once', async () => {
      expect(await publisher.sign(['--from-file', '-', '--passphrase-file', '-'])).toMatchObject({
        status: 2,
      });
    });
  });

  describe('--digest', () => {
    test.each([
      ['nistp384', [], 'SHA384'],
      ['nistp521', [], 'SHA512'],
      ['nistp256', ['--digest', 'sha512'], 'SHA512'],
    ] as const)('of %s %s is %s', async (algorithm, options, digest) => {
      const name = `${algorithm}-${options.length}`;
      await publisher.key(name, algorithm);
      const { status, result } = await signOne(await fresh(), '--key', `=${name}`, ...options);
      expect({ status, digest: result?.provenance?.['digest'] }).toEqual({ status: 0, digest });
    });

    test('that is too short for the curve is refused', async () => {
      const { status, stderr } = await publisher.sign([
        await fresh(),
        '--key',
        '=nistp384-0',
        '--digest',
        'sha256',
      ]);
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: expect.stringContaining('too short') as string,
      });
    });

    test('another one than that of a signature that is there makes no new signature, but a warning', async () => {
      const path = await fresh();
      await publisher.sign([path]);
      const { status, stdout } = await publisher.sign([path, '--digest', 'sha512']);
      expect(status).toBe(0);
      expect(stdout).toContain('Warning: the signature that is there is over SHA256; --force signs anew');
    });
  });

  describe('--upload', () => {
    let world: World;
    beforeAll(async () => {
      world = await World.open();
    });
    afterAll(async () => {
      await world.close();
    });

    test('logs what was signed, says first what becomes public, and does nothing the second time', async () => {
      const path = await fresh();
      const signed = await publisher.sign([path, '--upload', ...world.trusting()]);
      expect(signed).toMatchObject({
        status: 0,
        stderr: `Publishing the signature of ${path}, its signer's public key and e-mail address first@example.com on ${world.log.url}, for good\n`,
      });
      expect(signed.stdout).toMatch(/^Signed: .*\n(?:.*\n)*\nCreated Helm entry at index 0, /);
      expect(await readFile(`${path}.rekor.json`, 'utf8')).toContain('"');

      const again = await publisher.sign([path, '--upload', ...world.trusting(), '--output', 'json']);
      const { results, counts } = JSON.parse(again.stdout) as { results: object[]; counts: object };
      expect(results[0]).toMatchObject({
        outcome: 'exists',
        verdict: 'verified',
        provenance: { outcome: 'unchanged' },
      });
      expect({ counts, status: again.status, stderr: again.stderr }).toMatchObject({
        counts: { good: 1, exists: 1 },
        status: 0,
        stderr: '',
      });
    });

    test('a chart that cannot be signed is not sent, and stops no other', async () => {
      const [bad, good] = [await fresh(), await fresh()];
      await writeFile(`${bad}.prov`, 'something\n');
      const { status, stdout, stderr } = await publisher.sign([
        bad,
        good,
        '--upload',
        '--no-evidence',
        ...world.trusting(),
      ]);
      expect(status).toBe(3);
      expect(stderr.match(/^Publishing the signature of \S+/gm)).toEqual([
        `Publishing the signature of ${good},`,
      ]);
      expect(stdout).toContain('Created Helm entry');
    });

    test('where the log does not answer, the chart is signed all the same, and the answer says both', async () => {
      const path = await fresh();
      const { status, stdout } = await publisher.sign([
        path,
        '--upload',
        ...world.trusting({ url: 'http://127.0.0.1:1' }),
        '--output',
        'json',
      ]);
      expect(status).toBe(5);
      const { results } = JSON.parse(stdout) as { results: object[] };
      expect(results[0]).toMatchObject({
        provenance: { outcome: 'written' },
        error: { code: 'LOG_UNREACHABLE' },
      });
      expect(await publisher.inspect(path)).toBe(0);
    });

    test.each([
      ['--rekor-server', 'http://127.0.0.1:1'],
      ['--no-evidence'],
      ['--insecure-trust-on-first-use'],
    ])('%s means nothing without it', async (...options) => {
      expect(await publisher.sign([await fresh(), ...options])).toMatchObject({ status: 2 });
    });
  });
});
