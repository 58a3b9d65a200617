import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BuiltProgram } from '../support/built-program.ts';
import { gnupg, processesWith } from '../support/gnupg.ts';
import { GpgPublisher, REAL } from '../support/world/gpg-publisher.ts';

const title = 'what a signature must not come of (needs gpg)';

describe.skipIf(gnupg === undefined)(title, () => {
  let publisher: GpgPublisher;
  let count = 0;

  beforeAll(async () => {
    publisher = await GpgPublisher.create();
    await publisher.key('First <first@example.com>', 'rsa2048');
    await publisher.key('Second <second@example.com>', 'rsa2048');
  });
  afterEach(async () => {
    await publisher.configure('');
  });
  afterAll(async () => {
    await publisher.close();
  });

  const fresh = (): Promise<string> => publisher.unsigned(`chart${(count += 1)}`);

  /** Nothing was written, not even a part of it, and the error says why. */
  async function expectRefused(path: string, why: string, statuses = [3, 10]): Promise<void> {
    const { status, stdout, stderr } = await publisher.sign([path]);
    expect(stderr).toContain(why);
    expect(statuses).toContain(status);
    expect(stdout).not.toContain('Signed:');
    expect((await readdir(publisher.directory)).filter((name) => name.includes('.prov'))).toEqual(
      expect.not.arrayContaining([expect.stringContaining(`chart${count}-`)]),
    );
  }

  describe('a gpg in the way', () => {
    test.each([
      ['writes nothing and is content', 'exit 0', 'wrote no signature'],
      ['fails', 'echo "gpg: no luck" >&2; exit 2', 'it ended with status 2: gpg: no luck'],
      ['is killed', 'kill -9 $$', 'a signal ended it'],
      ['writes something else', 'echo hello', 'does not hold'],
      ['writes the text without a signature', 'cat', 'does not hold'],
      ['signs another text', `sed s/chart/other/ | ${REAL} "$@"`, 'it signed another text'],
      [
        'signs a digest of its own',
        `sed 's/sha256:.*/sha256:${'0'.repeat(64)}/' | ${REAL} "$@"`,
        'it signed another text',
      ],
      ['signs nothing', `echo | ${REAL} "$@" </dev/null`, 'does not hold'],
      [
        'signs with another key',
        `${REAL} --batch --status-fd 2 -u second@example.com --digest-algo SHA256 --output - --clearsign`,
        'provenance-signature',
      ],
      [
        'signs over another digest',
        `${REAL} --batch -u first@example.com --digest-algo SHA512 --output - --clearsign`,
        'it signed SHA512 in place of SHA256',
      ],
      [
        'signs over SHA-1',
        `${REAL} --batch -u first@example.com --digest-algo SHA1 --output - --clearsign`,
        'in place of SHA256',
      ],
      ['writes before the signed text', `echo hello; ${REAL} "$@"`, 'does not hold'],
      ['writes behind the signature', `${REAL} "$@"; echo hello`, 'does not hold'],
      ['makes two signatures', `${REAL} -u second@example.com "$@"`, 'expected one signature packet'],
      [
        'dates the signature in the future',
        `${REAL} --faked-system-time 20400101T000000 "$@"`,
        'dated in the future',
      ],
      [
        'writes a signature that is broken',
        `${REAL} "$@" | sed '/^-----BEGIN PGP SIG/,$ { /^[A-Za-z0-9]/ s/[A-Z]/Q/2 }'`,
        'does not hold',
      ],
      ['reads nothing', `${REAL} --version >/dev/null; exit 0`, 'wrote no signature'],
    ])('%s', async (_, script, why) => {
      const path = await fresh();
      await publisher.signWith(script);
      await expectRefused(path, why);
    });

    test('does not find out the passphrase from the arguments', async () => {
      const path = await fresh();
      const seen = join(publisher.directory, 'arguments');
      await publisher.signWith(`echo "$@" >'${seen}'; env >>'${seen}'; exec ${REAL} "$@"`);
      const file = await publisher.write('passphrase', 'open sesame\n');
      expect(await publisher.sign([path, '--passphrase-file', file])).toMatchObject({ status: 0 });
      expect(await readFile(seen, 'utf8')).toContain('--clearsign');
      expect(await readFile(seen, 'utf8')).not.toContain('sesame');
    });

    test('gets no token of a log: the agent that it leaves behind would have it', async () => {
      const seen = join(publisher.directory, 'environment');
      await publisher.signWith(`env >'${seen}'; exec ${REAL} "$@"`);
      const env = { ...publisher.env, HELM_SIGSTORE_LOG_TOKEN: 'a-token-that-nobody-guesses', KEPT: 'kept' };
      expect(await publisher.sign([await fresh()], { env })).toMatchObject({ status: 0 });
      const text = await readFile(seen, 'utf8');
      expect(text).toContain('KEPT=kept');
      expect(text).not.toContain('a-token-that-nobody-guesses');
    });

    test('that is not there', async () => {
      const env = { ...publisher.env, PATH: '/nonexistent' };
      const { status, stderr } = await publisher.sign([await fresh()], { env });
      expect({ status, stderr }).toEqual({
        status: 3,
        stderr: expect.stringContaining('there is no gpg') as string,
      });
    });
  });

  test.each([
    ['grows', 'echo >>'],
    ['is exchanged', `cp '${join(import.meta.dirname, '../../examples/hello-0.1.0.tgz')}'`],
    ['goes away', 'rm'],
  ])('a chart that %s while it is signed is not signed', async (_, change) => {
    const path = await fresh();
    await publisher.signWith(`${change} '${path}'; exec ${REAL} "$@"`);
    await expectRefused(path, path);
  });

  describe('a Chart.yaml that would break out of the signed text', () => {
    afterEach(async () => {
      await publisher.remove('programs/helm');
      await publisher.script('helm', 'tar -xzOf "$3" "$(tar -tzf "$3" | head -n 1)" && echo\n');
    });

    /** Lets Helm print this text in place of what the archive says. */
    async function shown(name: string, lines: string): Promise<void> {
      const text = await publisher.write(
        'shown',
        `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n${lines}\n`,
      );
      await publisher.script('helm', `cat '${text}'\n`);
    }

    test.each([
      ['a list at the left margin', 'keywords:\n- a\n- "-----BEGIN PGP SIGNATURE-----"\n'],
      ['a line that mail programs change', 'keywords:\n- a\nFrom me: b\n'],
      ['blanks at the ends of lines', 'description: "a  \t"  \t\n'],
      ['the word files', 'annotations:\n  files: "sha256:00"\nfiles:\n  x.tgz: sha256:00\n'],
      ['letters of all kinds', 'description: "ümlaut 😀 \u2028 \ufffd"\n'],
    ])('%s: it is signed as it is, and verifies', async (_, lines) => {
      const path = await fresh();
      await shown(`chart${count}`, lines);
      expect(await publisher.sign([path])).toMatchObject({ status: 0 });
      expect(await publisher.inspect(path)).toBe(0);
    });

    test.each([
      ['a line of three dots', '...\nfiles:\n  other-0.1.0.tgz: sha256:00\n', 'found 3 or more'],
      ['the end of the signed text', '-----BEGIN PGP SIGNATURE-----\n\n', 'the signed text: expected YAML'],
      ['another name', 'x: y\nname: another\n', 'duplicated mapping key'],
      ['a carriage return', 'description: a\rb\n', 'carriage return'],
      ['a NUL', 'description: a\0b\n', 'a NUL'],
      ['a line that gpg cuts', `icon: ${'a'.repeat(25_000)}\n`, 'gpg cuts lines'],
    ])('%s: it is refused before gpg is asked', async (_, lines, why) => {
      const path = await fresh();
      await shown(`chart${count}`, lines);
      await publisher.signWith('echo gpg was asked >&2; exit 2');
      await expectRefused(path, why);
    });

    test('whatever the length of a line, gpg signs it whole or not at all', async () => {
      for (const length of [19_880, 19_894, 19_895, 19_900, 19_989, 19_995, 20_001]) {
        const path = await fresh();
        await shown(`chart${count}`, `icon: ${'a'.repeat(length)}\n`);
        const { status } = await publisher.sign([path]);
        expect({ length, status }).toEqual({ length, status: length + 'icon: '.length > 19_900 ? 10 : 0 });
        if (status === 0) expect(await publisher.inspect(path)).toBe(0);
      }
    });

    test('another chart than is in the archive is refused', async () => {
      const path = await fresh();
      await shown('another', '');
      await expectRefused(path, 'differ in the name of the chart');
    });

    test.each([
      ['prints nothing', 'exit 0'],
      ['prints no end', 'printf "name: x"'],
      ['fails', 'echo "Error: no luck" >&2; exit 1'],
      ['floods', 'yes | head -c 3000000'],
    ])('a Helm that %s', async (_, script) => {
      const path = await fresh();
      await publisher.script('helm', script);
      await expectRefused(path, path);
    });

    test('no Helm at all', async () => {
      const { PATH = '', GNUPGHOME = '' } = publisher.env;
      const env = { PATH, GNUPGHOME };
      expect(await publisher.sign([await fresh()], { env })).toMatchObject({ status: 2 });
      const gone = { ...env, HELM_BIN: '/nonexistent/helm' };
      expect(await publisher.sign([await fresh()], { env: gone })).toMatchObject({ status: 3 });
    });
  });

  describe('a configuration of gpg', () => {
    test.each([
      'armor',
      'no-armor',
      'comment "files:"',
      'emit-version',
      'digest-algo SHA1',
      'cert-digest-algo SHA1',
      'personal-digest-preferences SHA1',
      'throw-keyids',
      'textmode',
      'default-sig-expire 1d',
      'ask-sig-expire',
      'sig-policy-url https://example.com/policy',
      'sig-notation note@example.com=hello',
      'default-key second@example.com',
      'encrypt-to second@example.com',
      'output /dev/null/none',
      'export-options export-minimal',
      'list-options show-unusable-subkeys',
      'keyid-format short',
      'with-fingerprint',
      'fixed-list-mode',
      'verbose',
      'no-batch',
      'trust-model always',
    ])('%s does no harm', async (option) => {
      const path = await fresh();
      await publisher.configure(`${option}\n`);
      const { status, stderr } = await publisher.sign([path, '--key', 'first@example.com']);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const made = (await publisher.provenance(path)) ?? '';
      expect(made).toMatch(/^-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n/);
      await publisher.configure('');
      expect(await publisher.inspect(path)).toBe(0);
    });

    test.each([
      ['local-user second@example.com', 'expected one signature packet'],
      ['not-dash-escaped', 'does not hold'],
      ['sig-notation !note@example.com=hello', 'depends on something unknown'],
      ['faked-system-time 20400101T000000', 'dated in the future'],
      ['dry-run', 'gpg does not give the public key'],
    ])('%s is refused', async (option, why) => {
      const path = await fresh();
      await publisher.configure(`${option}\n`);
      const { status, stderr } = await publisher.sign([path, '--key', 'first@example.com']);
      expect([3, 10]).toContain(status);
      expect(stderr).toContain(why);
      expect(await publisher.provenance(path)).toBeUndefined();
    });
  });

  test('a place that cannot be written to leaves nothing behind', async () => {
    const path = await fresh();
    await publisher.subdirectory(`${path.slice(publisher.directory.length + 1)}.prov`);
    expect(await publisher.sign([path])).toMatchObject({ status: 3 });
    expect(await publisher.sign([path, '--force'])).toMatchObject({ status: 3 });
    expect(
      (await readdir(publisher.directory)).filter((name) => name.startsWith(`chart${count}-`)),
    ).toHaveLength(2);
  });

  test.runIf(process.platform === 'linux')(
    'an interruption while gpg waits ends gpg, and leaves no file (needs Linux)',
    async () => {
      const program = await BuiltProgram.make();
      try {
        const paths = [await fresh(), await fresh()];
        const [begun, marker] = [join(publisher.directory, 'begun'), `marker-${process.pid}`];
        await publisher.signWith(
          `head -c 10 >/dev/null; touch '${begun}'; sh -c 'sleep 300; : ${marker}'; exit 0`,
        );
        const child = program.start(['sign', ...paths], { cwd: publisher.directory, env: publisher.env });
        let said = '';
        child.stderr?.on('data', (piece: Buffer) => (said += piece.toString()));
        while (!existsSync(begun)) await wait(20);
        expect(await processesWith(marker)).not.toEqual([]);
        const ended = once(child, 'close');
        child.kill('SIGINT');
        const [status] = (await ended) as [number];
        expect({ status, said }).toEqual({
          status: 5,
          said: expect.stringContaining('interrupted') as string,
        });
        expect(await processesWith(marker)).toEqual([]);
        expect(
          (await readdir(publisher.directory)).filter(
            (name) => name.includes(`chart${count}-`) && name.includes('.prov'),
          ),
        ).toEqual([]);
      } finally {
        await program.remove();
      }
    },
  );
});
