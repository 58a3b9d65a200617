import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import { email, extension, ForgedSigstore, uri, type Certified } from '../support/forged-sigstore.ts';
import { text } from '../support/der.ts';
import { createSigner } from '../support/signer.ts';
import { World } from '../support/world/world.ts';

let world: World;
let chart: Awaited<ReturnType<World['loggedChart']>>;

beforeAll(async () => {
  world = await World.open();
  chart = await world.loggedChart('hello');
  await copyFile(world.keyring, join(world.directory, 'publisher.gpg'));
  await copyFile(world.log.publicKeyPath, join(world.directory, 'log.pem'));
});

afterAll(async () => {
  await world.close();
});

let count = 0;

async function policy(lines: string): Promise<string> {
  count += 1;
  return await world.write(
    `policy-${count}.yaml`,
    `version: 1\nkeys: [publisher.gpg]\nlogs: [{ url: "${world.log.url}", publicKeys: [log.pem] }]\n${lines}\n`,
  );
}

const RULES = () => `rules:
  - name: others
    charts: ["oci://**", other]
    signedBy: any
  - name: hello
    charts: ["hello*"]
    signedBy: [{ openpgp: ${world.publisher.fingerprint} }]
  - name: everything
    charts: ["*"]
    signedBy: [{ openpgp: ${'0'.repeat(40)} }]
`;

describe('policy check', () => {
  test('says verdict, rule and why, and has the status of verify', async () => {
    const path = await policy(RULES());
    const { status, stdout, stderr } = await world.run(['policy', 'check', chart.path, '--policy', path]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toBe(
      `Accepted: ${chart.path}\nVerdict: verified\nPolicy: the rule hello is satisfied\nRule: hello\n` +
        `Satisfied: openpgp ${world.publisher.fingerprint.toUpperCase()}\n`,
    );
    const other = await world.loggedChart('someone');
    const refused = await world.run(['policy', 'check', other.path, '--policy', path, '--output', 'json']);
    expect(refused.status).toBe(10);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      results: [
        {
          verdict: 'refused',
          policy: { rule: 'everything', level: 'enforce', needed: 1, satisfied: [], lacking: [{}] },
        },
      ],
    });
  });

  test('needs a policy', async () => {
    for (const command of ['check', 'explain', 'lint'])
      expect(await world.run(['policy', command, ...(command === 'lint' ? [] : [chart.path])])).toMatchObject(
        {
          status: 2,
          stderr: expect.stringContaining('expected a policy, found none') as unknown,
        },
      );
  });

  test('takes several charts, and the status is that of the worst', async () => {
    const path = await policy(RULES());
    const other = await world.loggedChart('another');
    const argv = ['policy', 'check', chart.path, other.path, '--policy', path];
    const { status, stdout, stderr } = await world.run(argv);
    expect(status).toBe(10);
    expect(stdout).toMatch(/Accepted: .*hello.*\n[\s\S]*Not Accepted: .*another/);
    expect(stderr).toContain('1 accepted');
  });
});

test.each([
  ['is not there', () => join(world.directory, 'missing.yaml'), 'there is no such file'],
  ['is a directory', () => world.directory, 'EISDIR: it is no regular file'],
])('a policy that %s: the message says that it is the policy', async (_, path, why) => {
  const { status, stderr } = await world.run(['verify', chart.path, '--policy', path()]);
  expect(stderr).toContain(`Error: cannot read the policy ${path()}: ${why}`);
  expect(status).toBe(3);
});

test('policy explain goes through every rule', async () => {
  const path = await policy(RULES());
  const { status, stdout } = await world.run(['policy', 'explain', chart.path, '--policy', path]);
  expect(status).toBe(0);
  expect(stdout).toContain(
    'Rule others (line 5): is not about it\n' +
      '  oci://**: it is for references, and the chart is a file\n' +
      '  other: it does not match hello\n' +
      'Rule hello (line 8): is about it, by hello*, and decides\n',
  );
  expect(stdout).toMatch(
    /Rule everything \(line 11\): is about it, by \*, but a rule before it decides\n[\s\S]*Lacking: openpgp 0{40}: no signature by it is proven/,
  );
});

test('policy explain of a chart that is refused does not advise to run policy explain', async () => {
  const path = await policy('otherwise: deny');
  const explained = await world.run(['policy', 'explain', chart.path, '--policy', path]);
  expect(explained).toMatchObject({ status: 10 });
  expect(explained.stderr).toContain('the policy refuses it');
  expect(explained.stderr).not.toContain('Hint:');
  const checked = await world.run(['policy', 'check', chart.path, '--policy', path]);
  expect(checked.stderr).toContain('Hint: helm sigstore policy explain');
});

describe('policy lint', () => {
  test('finds nothing in a good policy', async () => {
    const path = await policy(RULES().replace(/ {2}- name: everything[\s\S]*/, ''));
    expect(await world.run(['policy', 'lint', '--policy', path])).toEqual({
      status: 0,
      stdout: `No Mistakes Found: ${path}\n`,
      stderr: '',
    });
  });

  test('finds keys that are not in keys, expired ones, repositories and plugins, with their places', async () => {
    const expired = await createSigner({ created: 1_500_000_000, expiresAfter: 1000 });
    await writeFile(join(world.directory, 'expired.gpg'), expired.certificate);
    const plugins = await world.subdirectory('plugins');
    for (const [name, text] of Object.entries({
      aaa: 'name: aaa\ndownloaders: [{command: x, protocols: [sigstore+https]}]\n',
      bbb: 'name: bbb\ntype: getter/v1\nconfig: {protocols: [sigstore+oci]}\n',
      ours: 'name: ours\ndownloaders: [{command: ../sigstore/bin/helm-sigstore getter, protocols: [sigstore+https]}]\n',
      plain: 'name: plain\ncommand: x\n',
    })) {
      await mkdir(join(plugins, name), { recursive: true });
      await writeFile(join(plugins, name, 'plugin.yaml'), text);
    }
    const repositories = await world.write(
      'repositories.yaml',
      'repositories:\n- {name: acme, url: "https://charts.acme.example"}\n- {name: gated, url: "sigstore+https://x.example"}\n',
    );
    const withExpired = RULES().replace('signedBy: any', `signedBy: [{ openpgp: ${expired.fingerprint} }]`);
    const path = await policy(withExpired);
    const written = await readFile(path, 'utf8');
    await writeFile(path, written.replace('[publisher.gpg]', '[publisher.gpg, expired.gpg]'));
    const env = { HELM_PLUGINS: plugins, HELM_REPOSITORY_CONFIG: repositories };
    const { status, stdout } = await world.run(['policy', 'lint', '--policy', path, '--output', 'json'], {
      env,
    });
    expect(status).toBe(2);
    const { findings } = JSON.parse(stdout) as { findings: { kind: string; at?: object; message: string }[] };
    expect(findings.map(({ kind }) => kind)).toEqual([
      'key-expired',
      'key-not-in-keys',
      'plain-repository',
      'rival-plugin',
      'rival-plugin',
    ]);
    expect(findings[1]?.at).toEqual({ line: 13, column: 16 });
    const text = await world.run(['policy', 'lint', '--policy', path], { env });
    expect(text.stdout).toContain(`${path}: 13:16: key-not-in-keys: `);
  });
});

describe('policy init', () => {
  test('prints a policy that accepts what it was made of, and nothing else', async () => {
    const unsigned = await world.chart('bare');
    await rm(`${unsigned.path}.prov`);
    const stranger = await createSigner({ userIds: ['Line\n      - any # <s@charts.example>'] });
    const unknown = await world.chart('unknown', stranger);
    const argv = ['policy', 'init', chart.path, unsigned.path, unknown.path, '--keyring', world.keyring];
    const { status, stdout, stderr } = await world.run(argv);
    expect(status).toBe(0);
    expect(stderr).toBe(`Warning: ${unknown.path} is left out: a comment in the policy says why\n`);
    const drafted = parsePolicy(stdout);
    expect(drafted.rules.map(({ charts }) => charts.map(({ value }) => value))).toEqual([
      ['hello'],
      ['bare'],
    ]);
    expect(drafted.rules[1]?.signedBy).toMatchObject([{ kind: 'digest' }]);
    expect(drafted.otherwise).toBe('deny');
    const path = await policy(stdout.replace(/^(?:version: 1|keys: .*)$/gm, ''));
    for (const each of [chart.path, unsigned.path])
      expect(await world.run(['policy', 'check', each, '--policy', path])).toMatchObject({ status: 0 });
    expect(await world.run(['policy', 'check', unknown.path, '--policy', path])).toMatchObject({
      status: 10,
    });
  });

  test('writes nothing of a stranger but in quotes', async () => {
    const stranger = await createSigner({ userIds: ['Line\n      - any # <s@charts.example>'] });
    const { path, keyring } = await world.chart('strange', stranger);
    const { stdout } = await world.run(['policy', 'init', path, '--keyring', keyring]);
    expect(parsePolicy(stdout).rules).toMatchObject([{ signedBy: [{ kind: 'openpgp' }] }]);
  });

  test('is status 3 where there is no chart, and still prints what there is', async () => {
    const ran = await world.run([
      'policy',
      'init',
      join(world.directory, 'gone.tgz'),
      chart.path,
      '--keyring',
      world.keyring,
    ]);
    expect(ran.status).toBe(3);
    expect(ran.stdout).toContain('charts: ["hello"]');
  });

  describe('of a chart with Sigstore bundles', () => {
    const sigstore = new ForgedSigstore();
    const release = 'https://github.com/acme/charts/.github/workflows/release.yml';
    const issuer = 'https://token.actions.githubusercontent.com';

    /** A chart without provenance, with a bundle by a workflow, or by what else is certified. */
    async function bundled(name: string, certified: Certified, file?: Uint8Array) {
      const { path, archive } = await world.chart(name);
      await rm(`${path}.prov`);
      const bundle = sigstore.message(file ?? archive, sigstore.signer(certified));
      await writeFile(`${path}.sigstore.json`, JSON.stringify(bundle));
      return path;
    }

    const workflow = (ref: string, source = 'https://github.com/acme/charts') => ({
      names: [uri(`${release}@${ref}`)],
      issuer,
      more: [extension('1.3.6.1.4.1.57264.1.12', text(source))],
    });

    async function drafted(...paths: readonly string[]) {
      const root = await world.write('root.json', sigstore.trustedRoot());
      const argv = ['policy', 'init', ...paths, '--trusted-root', root, '--keyring', world.keyring];
      const { stdout, stderr, status } = await world.run([...argv, ...world.trusting()]);
      return { stdout, stderr, status };
    }

    test('drafts identity and issuer, names what they are judged by, and accepts the chart', async () => {
      const path = await bundled('released', workflow('refs/tags/v1'));
      const { stdout, status } = await drafted(path, chart.path);
      expect(status).toBe(0);
      expect(stdout).toContain(`"${release}@refs/tags/*" stands for all of them`);
      expect(parsePolicy(stdout)).toMatchObject({
        rules: [
          {
            charts: [{ value: 'released' }],
            signedBy: [{ kind: 'identity', identity: { text: `${release}@refs/tags/v1` }, issuer }],
          },
          { charts: [{ value: 'hello' }], signedBy: [{ kind: 'openpgp' }] },
        ],
      });
      // All that it names lies beside it, as it says.
      const folder = await world.subdirectory('drafted');
      for (const [, from = '', to = ''] of stdout.matchAll(/^# Copy "(.*)" there, as "(.*)"\.$/gm))
        await copyFile(from, join(folder, to));
      const file = join(folder, 'helm-sigstore.yaml');
      await writeFile(file, stdout);
      for (const each of [path, chart.path]) {
        const ran = await world.run(['policy', 'check', each, '--policy', file]);
        expect(ran, ran.stderr).toMatchObject({ status: 0 });
      }
    });

    test.each([
      ['in a pull request', workflow('refs/pull/7/merge'), /# CAUTION: it signed in a pull request/],
      ['from a branch', workflow('refs/heads/main'), /# CAUTION: it signed from a branch/],
      [
        'from any ref',
        { ...workflow('x'), names: [uri(release)] },
        /# CAUTION: it names no branch and no tag/,
      ],
      [
        'by the workflow of another repository',
        workflow('refs/tags/v1', 'https://github.com/other/charts'),
        /# CAUTION: the workflow is that of another repository[^]*sourceRepository: "https:\/\/github.com\/other\/charts"/,
      ],
    ])('says what has to be thought of where it signed %s', async (_, certified, caution) => {
      const { stdout } = await drafted(await bundled('cautious', certified));
      expect(stdout).toMatch(caution);
      expect(parsePolicy(stdout).rules).toMatchObject([{ signedBy: [{ kind: 'identity' }] }]);
    });

    test.each([
      ['whose name is a pattern', { names: [uri('https://evil.example/*')] }, /its identity cannot be named/],
      ['of another archive', { names: [email('a@example.com')] }, /does not hold: archive-digest/, 'other'],
    ])('makes no signer of one %s', async (_, certified, why, other?: string) => {
      const path = await bundled('odd', certified, other ? Buffer.from(other) : undefined);
      const { stdout } = await drafted(path);
      expect(stdout).toMatch(why);
      expect(parsePolicy(stdout).rules).toEqual([]);
    });
  });
});
