import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, readdir, readFile, symlink } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { formatDemands } from '../../src/chart/fetch/demands.ts';
import { chartArchive } from '../support/chart.ts';
import { createSigner } from '../support/signer.ts';
import { serveFiles, type StaticFiles } from '../support/static-server.ts';
import { World } from '../support/world/world.ts';

/** What Helm gets of its downloader for `sigstore+http://…`: everything good, and nothing else. */

const GOOD = 'hello-0.1.0.tgz';
const ODD = 'strange-0.1.0.tgz';

let world: World;
let good: Uint8Array;
let goodEvidence: Uint8Array;
let goodProvenance: Uint8Array;
let odd: Uint8Array;
let oddProvenance: Uint8Array;
let files: StaticFiles;
/** What was asked, with the credentials that came. */
let asked: string[];
let base: string;
let host: string;
let temporary: string;
let count = 0;

beforeAll(async () => {
  world = await World.open();
  const chart = await world.keptChart('hello');
  [good, goodProvenance] = await both(chart.path);
  goodEvidence = await readFile(chart.evidence);
  const stranger = await world.chart('strange', await createSigner());
  [odd, oddProvenance] = await both(stranger.path);
  await copyFile(world.log.publicKeyPath, join(world.directory, 'log.pem'));
  await copyFile(world.keyring, join(world.directory, 'publisher.gpg'));
});

beforeEach(async () => {
  count += 1;
  asked = [];
  temporary = await world.subdirectory(`temporary-${count}`);
  files = {};
  const { url } = await serveFiles(files);
  host = new URL(url).host;
  base = `sigstore+${url}`;
  put('/team/', GOOD, good, goodProvenance);
  put('/team/', ODD, odd, oddProvenance);
  put('/free/', ODD, odd, oddProvenance);
});

afterAll(async () => {
  await world.close();
});

async function both(path: string): Promise<[Uint8Array, Uint8Array]> {
  return await Promise.all([readFile(path), readFile(`${path}.prov`)]);
}

function put(folder: string, name: string, archive: Uint8Array, provenance?: Uint8Array): void {
  files[folder + name] = noting(archive);
  if (provenance) files[`${folder}${name}.prov`] = noting(provenance);
}

function noting(bytes: Uint8Array | string): RequestListener {
  return ({ url = '', headers }, response) => {
    asked.push(`${url} ${headers.authorization ?? ''}`.trim());
    response.end(bytes);
  };
}

function index(folder: string, entries: object): void {
  files[`${folder}index.yaml`] = noting(JSON.stringify({ apiVersion: 'v1', entries }));
}

function version(members: object): object {
  return { apiVersion: 'v2', name: 'hello', version: '0.1.0', urls: [GOOD], ...members };
}

/** What lets charts below `free/`, and those called `strange`, pass more easily than those of the team. */
const WEAKER = {
  'a rule that warns': () => ['warn', 'signedBy: any, level: warn', 'deny'],
  'a rule of anybody': () => ['any', 'signedBy: any', 'deny'],
  'a pin': () => [
    'pin',
    `signedBy: [{ digest: "sha256:${sha256(odd)}", until: 2099-01-01, reason: reviewed }]`,
    'deny',
  ],
  'the end of a policy that warns': () => ['none', '', 'warn'],
  'the end of a policy that allows': () => ['none', '', 'allow'],
} as const satisfies Record<string, () => readonly [string, string, string]>;

/** Charts of the team need its signature; those below `free/` are let pass. */
async function weakerPolicy(weaker: keyof typeof WEAKER): Promise<string> {
  const [name, members, otherwise] = WEAKER[weaker]();
  const rules = ['strange', `http://${host}/free/**`].map(
    (pattern, at) => `  - { name: ${name}-${at}, charts: ["${pattern}"], ${members} }\n`,
  );
  return await writePolicy(name === 'none' ? '' : rules.join(''), otherwise);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Charts of the team need its signature; those below `free/` are let pass. */
async function policy(otherwise = 'deny'): Promise<string> {
  return await writePolicy(
    `  - { name: named, charts: ["strange"], level: warn, signedBy: any }
  - { name: free, charts: ["http://${host}/free/**"], level: warn, signedBy: any }
`,
    otherwise,
  );
}

/** @param rules lines behind the rule for the team */
async function writePolicy(rules: string, otherwise: string): Promise<string> {
  return await world.write(
    `policy-${count}.yaml`,
    `version: 1
keys: [publisher.gpg]
logs: [{ url: "${world.log.url}", publicKeys: [log.pem] }]
rules:
  - { name: team, charts: ["http://${host}/team/**"], signedBy: [{ openpgp: ${world.publisher.fingerprint} }] }
${rules}otherwise: ${otherwise}
`,
  );
}

interface Given {
  readonly policy?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: readonly [string, string, string];
}

async function get(href: string, { policy: named, env = {}, files: given = ['', '', ''] }: Given = {}) {
  const pieces: Uint8Array[] = [];
  const argv = ['getter', '--policy', named ?? (await policy()), '--', ...given, href];
  const ran = await world.run(argv, {
    env: { TMPDIR: temporary, ...env },
    onBytes: (bytes) => pieces.push(bytes),
  });
  expect(await readdir(temporary), 'a temporary file is left').toEqual([]);
  return { ...ran, bytes: Buffer.concat(pieces) };
}

/** The URL of the one version that the index has under a name. */
async function listed(folder: string, name: string): Promise<string> {
  const { status, stdout, stderr } = await get(`${base}${folder}index.yaml`);
  expect(status, stderr).toBe(0);
  const { entries } = JSON.parse(stdout) as { entries: Record<string, { urls: [string] }[]> };
  return entries[name]?.[0]?.urls[0] ?? 'nothing';
}

async function expectRefused(href: string, status: number, message: RegExp, given?: Given) {
  const ran = await get(href, given);
  expect(ran, ran.stderr).toMatchObject({ status, stdout: '' });
  expect(ran.stderr).toMatch(message);
}

describe('the downloader', () => {
  test('brings index, archive and provenance of a chart that the policy accepts', async () => {
    index('/team/', { hello: [version({ digest: createHash('sha256').update(good).digest('hex') })] });
    const url = await listed('/team/', 'hello');
    expect(url.startsWith(`${base}/team/hello-0.1.0.tgz#`)).toBe(true);
    expect(await get(url)).toMatchObject({ status: 0, stderr: '', bytes: Buffer.from(good) });
    expect((await get(`${url}.prov`)).bytes).toEqual(Buffer.from(goodProvenance));
  });

  test('brings the archive at a URL that a user typed, and its provenance', async () => {
    expect((await get(`${base}/team/${GOOD}`)).bytes).toEqual(Buffer.from(good));
    expect((await get(`${base}/team/${GOOD}.prov`)).bytes).toEqual(Buffer.from(goodProvenance));
  });

  test('brings nothing of a chart that the policy refuses, whichever of its files is asked for', async () => {
    index('/team/', { strange: [version({ name: 'strange', urls: [ODD] })] });
    const url = await listed('/team/', 'strange');
    for (const href of [url, `${url}.prov`, `${base}/team/${ODD}`, `${base}/team/${ODD}.prov`])
      await expectRefused(href, 10, /the policy refuses it: the rule team/);
  });

  test('lets pass what the policy lets pass, and says so', async () => {
    index('/free/', { strange: [version({ name: 'strange', urls: [ODD] })] });
    const ran = await get(await listed('/free/', 'strange'));
    expect(ran).toMatchObject({ status: 0, bytes: Buffer.from(odd) });
    expect(ran.stderr).toMatch(/^Warning: .* is not verified: /);
  });
});

describe.each(Object.keys(WEAKER) as (keyof typeof WEAKER)[])('a chart cannot reach %s', (weaker) => {
  const refused = async (href: string, message: RegExp, status = 10) => {
    await expectRefused(href, status, message, { policy: await weakerPolicy(weaker) });
  };

  test('which would let it pass, were it there', async () => {
    // Nobody has logged it, so only where no signature is asked for can it come.
    const ran = await get(`${base}/free/${ODD}`, { policy: await weakerPolicy(weaker) });
    expect(ran.status, ran.stderr).toBe(weaker === 'a rule of anybody' ? 10 : 0);
  });

  test.each([
    ['by an absolute URL in the index', () => `http://${host}/free/${ODD}`],
    ['by a URL that leads there', () => `../free/${ODD}`],
    ['by a fragment in the index', () => `${ODD}#name=strange&version=0.1.0&digest=&url=x&by=sigstore`],
  ])('%s', async (_, url) => {
    index('/team/', { strange: [version({ name: 'strange', urls: [url()] })] });
    await refused(await listed('/team/', 'strange'), /the rule team/);
  });

  test('by the name of another chart in the index', async () => {
    index('/team/', { hello: [version({ urls: [ODD] })] });
    await refused(await listed('/team/', 'hello'), /archive-name|the rule team/);
  });

  test('by its own name', async () => {
    await refused(`${base}/team/${ODD}`, /the rule team/);
  });

  test('by a redirect', async () => {
    for (const name of [ODD, `${ODD}.prov`]) files[`/team/${name}`] = redirect(`/free/${name}`);
    await refused(`${base}/team/${ODD}`, /the rule team/);
    expect(asked).toContain(`/free/${ODD}`);
  });

  test('by a forged fragment, of whoever writes into the cache of Helm', async () => {
    const url = `http://${host}/free/${ODD}`;
    const fragment = formatDemands({ name: 'strange', version: '0.1.0', url });
    await refused(`${base}/team/${ODD}#${fragment}`, /the rule team/);
    const weak = formatDemands({ name: 'hello', version: '0.1.0', url });
    await refused(`${base}/team/${GOOD}#${weak}`, /hello/);
    await refused(`${base}/team/${GOOD}#${fragment}`, /fragment names/, 2);
  });

  test('by what is offered as evidence beside it', async () => {
    for (const ending of ['.rekor.json', '.prov.sigstore.json', '.sigstore.json', '.bundle'])
      files[`/team/${ODD}${ending}`] = noting(goodEvidence);
    await refused(`${base}/team/${ODD}`, /the rule team|malformed|expected/);
    expect(asked).toContain(`/team/${ODD}.rekor.json`);
  });
});

describe('a chart cannot reach a weaker rule', () => {
  test.each(['.', '..'])('by the name %s, which a path takes for a folder', async (name) => {
    const path = `/team/free/${name}-0.1.0.tgz`;
    put('/team/free/', `${name}-0.1.0.tgz`, await chartArchive(name, '0.1.0'));
    const fragment = formatDemands({ name, version: '0.1.0', url: `http://${host}${path}` });
    const weaker = await world.write(
      `weaker-${count}.yaml`,
      `version: 1
keys: [publisher.gpg]
logs: [{ url: "${world.log.url}", publicKeys: [log.pem] }]
rules:
  - { name: team, charts: ["http://${host}/team/free/*"], signedBy: [{ openpgp: ${world.publisher.fingerprint} }] }
otherwise: allow
`,
    );
    await expectRefused(`${base}${path}#${fragment}`, 2, /expected the name of a chart/, { policy: weaker });
  });

  test.each([
    ['/free/../team/', /plain parts/],
    ['/free/%2e%2e/team/', /plain parts/],
    ['/free%2f..%2fteam/', /plain parts/],
    ['//team/', /plain parts/],
    ['/te%61m/', /another way to write a/],
  ])('by the path %s', async (folder, message) => {
    await expectRefused(`${base}${folder}${ODD}`, 2, message, { policy: await policy('allow') });
  });
});

describe('what the index says', () => {
  test('is held against what comes: the digest', async () => {
    index('/team/', { hello: [version({ digest: '0'.repeat(64) })] });
    await expectRefused(await listed('/team/', 'hello'), 10, /archive-digest/);
  });

  test('is held against what comes, at every level: an old version sold as a new one', async () => {
    index('/free/', { hello: [version({ version: '9.9.9', urls: [`http://${host}/team/${GOOD}`] })] });
    await expectRefused(await listed('/free/', 'hello'), 10, /archive-name/);
  });

  test('that an archive is in the clear, for a repository in the clear, is taken on this machine only', async () => {
    index('/team/', { hello: [version({ urls: ['http://charts.example/hello-0.1.0.tgz'] })] });
    const { stdout, stderr } = await get(`${base}/team/index.yaml`);
    expect(JSON.parse(stdout)).toMatchObject({ entries: {} });
    expect(stderr).toMatch(/^Warning: a version of the index cannot come through the gate: .*plain http/);
  });

  test('is refused where it is no index', async () => {
    files['/team/index.yaml'] = noting('<html>');
    await expectRefused(`${base}/team/index.yaml`, 5, /to be the index/);
    await expectRefused(`${base}/none/index.yaml`, 4, /404/);
  });
});

describe('credentials', () => {
  const handed = { HELM_PLUGIN_USERNAME: 'reader', HELM_PLUGIN_PASSWORD: 'word' };
  const basic = `Basic ${Buffer.from('reader:word').toString('base64')}`;

  async function repositories(url: string): Promise<Readonly<Record<string, string>>> {
    const entry = { name: 'acme', url, username: 'reader', password: 'word', pass_credentials_all: true };
    const path = await world.write(`repositories-${count}.yaml`, JSON.stringify({ repositories: [entry] }));
    return { ...handed, HELM_REPOSITORY_CONFIG: path };
  }

  test('go to the server of the repository, for all that is asked', async () => {
    index('/team/', { hello: [version({})] });
    const url = await listed('/team/', 'hello');
    asked = [];
    const env = await repositories(`${base}/team`);
    for (const href of [`${base}/team/index.yaml`, url, `${url}.prov`])
      expect(await get(href, { env })).toMatchObject({ status: 0 });
    expect(asked.length).toBeGreaterThan(4);
    expect(asked.filter((each) => !each.endsWith(basic))).toEqual([]);
  });

  test('are those that are kept, where Helm hands over none, as 4.1 for provenance', async () => {
    const { HELM_REPOSITORY_CONFIG = '' } = await repositories(`${base}/team`);
    expect(await get(`${base}/team/${GOOD}.prov`, { env: { HELM_REPOSITORY_CONFIG } })).toMatchObject({
      status: 0,
    });
    expect(asked.filter((each) => !each.endsWith(basic))).toEqual([]);
  });

  test('do not go to another server, whoever names it: the index, or whoever writes into the cache', async () => {
    const env = await repositories('sigstore+https://charts.acme.example');
    const ran = await get(`${base}/team/${GOOD}`, { env });
    expect(ran.status).toBe(0);
    expect(ran.stderr).toContain('Warning: the credentials of the repository acme were not sent');
    const other = await serveFiles({});
    const url = `http://${host}/team/${GOOD}`;
    const fragment = formatDemands({ name: 'hello', version: '0.1.0', url });
    const owner = await repositories(`sigstore+${other.url}/team`);
    expect(await get(`sigstore+${other.url}/team/${GOOD}#${fragment}`, { env: owner })).toMatchObject({
      status: 10,
    });
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.filter((each) => each.includes('Basic'))).toEqual([]);
  });

  test('of the URL are sent as such, and the query with the archives', async () => {
    const text = JSON.stringify({ apiVersion: 'v1', entries: { hello: [version({})] } });
    files['/team/index.yaml?token=x'] = noting(text);
    for (const name of [GOOD, `${GOOD}.prov`]) files[`/team/${name}?token=x`] = files[`/team/${name}`] ?? '';
    const secret = `${base.replace('//', '//reader:word@')}/team`;
    const { stdout } = await get(`${secret}/index.yaml?token=x`);
    expect(asked).toEqual([`/team/index.yaml?token=x ${basic}`]);
    expect(stdout).not.toMatch(/word|token/);
    const [url = ''] = /sigstore\+[^"]*/.exec(stdout) ?? [];
    asked = [];
    const path = await world.write(
      `secret-${count}.yaml`,
      JSON.stringify({
        repositories: [
          { name: 'another', url: `${base}/another?token=y` },
          { name: 'all', url: `${base}?token=z` },
          { name: 'acme', url: `${secret}?token=x` },
        ],
      }),
    );
    expect(await get(url, { env: { HELM_REPOSITORY_CONFIG: path } })).toMatchObject({ status: 0 });
    expect(asked[0]).toContain('?token=x');
  });
});

describe('the query of a repository, which is in no index,', () => {
  beforeEach(() => {
    const text = JSON.stringify({
      apiVersion: 'v1',
      entries: { strange: [version({ name: 'strange', urls: [ODD] })] },
    });
    for (const query of ['?tenant=team', '?tenant=free']) {
      files[`/shared/index.yaml${query}`] = noting(text);
      for (const [name, bytes] of [
        [ODD, odd],
        [`${ODD}.prov`, oddProvenance],
      ] as const)
        files[`/shared/${name}${query}`] = noting(bytes);
    }
  });

  async function given(...queries: readonly string[]): Promise<Given> {
    const rule = (name: string, more: string) =>
      `  - { name: ${name}, charts: ["http://${host}/shared/*?tenant=${name}"], ${more} }\n`;
    const named = await world.write(
      `policy-${count}.yaml`,
      `version: 1\nkeys: [publisher.gpg]\nlogs: [{ url: "${world.log.url}", publicKeys: [log.pem] }]\nrules:\n` +
        rule('team', `signedBy: [{ openpgp: ${world.publisher.fingerprint} }]`) +
        rule('free', 'level: warn, signedBy: any'),
    );
    const repositories = queries.map((query, at) => ({ name: `r${at}`, url: `${base}/shared/${query}` }));
    const list = await world.write(`queries-${count}.yaml`, JSON.stringify({ repositories }));
    return { policy: named, env: { HELM_REPOSITORY_CONFIG: list } };
  }

  async function archiveOf(query: string): Promise<string> {
    const { stdout } = await get(`${base}/shared/index.yaml${query}`, await given(query));
    return /sigstore\+[^"]*/.exec(stdout)?.[0] ?? 'nothing';
  }

  test('chooses the rule, and goes with what is asked', async () => {
    await expectRefused(await archiveOf('?tenant=team'), 10, /the rule team/, await given('?tenant=team'));
    const ran = await get(await archiveOf('?tenant=free'), await given('?tenant=free', ''));
    expect(ran).toMatchObject({ status: 0, bytes: Buffer.from(odd) });
    expect(asked).toContain(`/shared/${ODD}?tenant=free`);
  });

  test('has to be known: nothing comes without the repository, nor where several differ in it', async () => {
    const url = await archiveOf('?tenant=free');
    expect(url).not.toContain('tenant');
    await expectRefused(url, 2, /has a query in its URL, which Helm does not hand over/, await given(''));
    await expectRefused(url, 2, /several repositories/, await given('?tenant=free', '?tenant=team'));
    // Whoever takes the mark away, in the cache of Helm, does not get another rule by that.
    put('/shared/', ODD, odd, oddProvenance);
    await expectRefused(url.replace(/\?query-of=\.#/, '#'), 10, /refuses it/, await given('?tenant=free'));
  });
});

test('a URL with bytes that are no text is refused, and no defect', async () => {
  await expectRefused(`${base}/team/%E0.tgz`, 2, /expected text in UTF-8|text in UTF-8/);
});

describe('no word that Helm hands over is an option:', () => {
  test.each([
    ['--help', '', ''],
    ['', '-h', ''],
    ['', '', '--version'],
    ['--policy=weak.yaml', '--', ''],
  ])('%j %j %j', async (...given) => {
    index('/team/', { strange: [version({ name: 'strange', urls: [ODD] })] });
    for (const href of [`${base}/team/index.yaml`, `${base}/team/${ODD}`]) {
      const ran = await get(href, { files: given });
      expect(ran).toMatchObject({ stdout: '' });
      expect(ran.status).not.toBe(0);
    }
  });
});

describe('everything else is refused:', () => {
  test('values, which come by -f', async () => {
    files['/team/values.yaml'] = noting('a: 1');
    await expectRefused(`${base}/team/values.yaml`, 2, /the gate does not answer this/);
    expect(asked).toEqual([]);
  });

  test('a run without a policy, or with one that cannot be read', async () => {
    const { status, stdout, stderr } = await world.run(['getter', '', '', '', `${base}/team/${GOOD}`]);
    expect({ status, stdout }, stderr).toEqual({ status: 2, stdout: '' });
    await expectRefused(`${base}/team/${GOOD}`, 3, /none\.yaml/, {
      policy: join(world.directory, 'none.yaml'),
    });
    const broken = await world.write('broken.yaml', 'version: 1\nrulez: []\n');
    await expectRefused(`${base}/team/${GOOD}`, 2, /broken\.yaml/, { policy: broken });
    await expectRefused(`${base}/team/index.yaml`, 2, /broken\.yaml/, { policy: broken });
  });

  test('notes a refusal where the program that let Helm ask wants it, once, and never over a file', async () => {
    const note = join(await world.subdirectory(`note-${count}`), 'refusal');
    const env = { HELM_SIGSTORE_REFUSAL_FILE: note };
    await get(`${base}/team/${GOOD}`, { env });
    expect(existsSync(note)).toBe(false);
    await get(`${base}/team/${ODD}`, { env });
    const noted = await readFile(note, 'utf8');
    expect(JSON.parse(noted)).toMatchObject({
      href: `${base}/team/${ODD}`,
      diagnosis: { code: 'REJECTED', message: expect.stringContaining('the rule team') as string },
    });
    await get(`${base}/nothing/there-0.1.0.tgz`, { env });
    expect(await readFile(note, 'utf8')).toBe(noted);
  });

  test('the policy of the downloader outranks that of a variable', async () => {
    const weak = await world.write('weak.yaml', 'version: 1\notherwise: allow\n');
    await expectRefused(`${base}/team/${ODD}`, 10, /the rule team/, {
      env: { HELM_SIGSTORE_POLICY: weak, KEYRING: world.keyring },
    });
    const { stderr } = await get(`${base}/team/${GOOD}`, { env: { HELM_SIGSTORE_POLICY: weak } });
    expect(stderr).toMatch(/^Warning: HELM_SIGSTORE_POLICY is ignored: the policy of the gate is .*policy-/);
    const own = await policy();
    const same = { policy: own, env: { HELM_SIGSTORE_POLICY: own } };
    expect((await get(`${base}/team/${GOOD}`, same)).stderr).toBe('');
  });

  test('the downloader of a release obeys the policy in the configuration of Helm, and no variable', async () => {
    const weak = await world.write('weak.yaml', 'version: 1\notherwise: allow\n');
    const config = await world.subdirectory(`config-${count}/sigstore`);
    const env = { HELM_SIGSTORE_POLICY: weak, HELM_CONFIG_HOME: dirname(config), TMPDIR: temporary };
    const argv = ['getter', '', '', '', `${base}/team/${ODD}`];
    const without = await world.run(argv, { env });
    expect(without).toMatchObject({ status: 2, stdout: '' });
    expect(without.stderr).toMatch(/^Warning: HELM_SIGSTORE_POLICY is ignored/);
    expect(without.stderr).toContain(join(config, 'policy.yaml'));
    await symlink(await policy(), join(config, 'policy.yaml'));
    for (const file of ['publisher.gpg', 'log.pem'])
      await copyFile(join(world.directory, file), join(config, file));
    const refused = await world.run(argv, { env });
    expect(refused, refused.stderr).toMatchObject({ status: 10, stdout: '' });
    expect(refused.stderr).toContain('the rule team');
    const same = { ...env, HELM_SIGSTORE_POLICY: join(config, 'policy.yaml') };
    expect((await world.run(argv, { env: same })).stderr).not.toContain('ignored');
  });

  test('an archive without provenance, and a file that is no archive', async () => {
    put('/team/', 'bare-0.1.0.tgz', odd);
    await expectRefused(`${base}/team/bare-0.1.0.tgz`, 10, /the rule team/);
    put('/team/', 'text-0.1.0.tgz', Buffer.from('text'), goodProvenance);
    await expectRefused(`${base}/team/text-0.1.0.tgz`, 3, /text-0\.1\.0/);
  });
});

function redirect(location: string): RequestListener {
  return (_, response) => response.writeHead(302, { location }).end();
}
