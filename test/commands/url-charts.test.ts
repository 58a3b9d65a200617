import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { answer, listen, serve, unusedPort } from '../support/loopback.ts';
import type { Surroundings } from '../support/program.ts';
import { serveFiles, type StaticFiles } from '../support/static-server.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';
import { World } from '../support/world/world.ts';

interface Kept {
  readonly archive: Uint8Array;
  readonly provenance: Uint8Array;
  readonly evidence: Uint8Array;
}
interface Result {
  readonly chart?: string;
  readonly verdict?: string;
  readonly status?: number;
  readonly error?: { readonly code: string; readonly message: string };
  readonly source?: Record<string, unknown>;
  readonly evidence?: { readonly path: string };
}

let world: World;
let hello: Kept;
let other: Kept;
let temporary: string;
let home: string;

beforeAll(async () => {
  world = await World.open();
  const kept = async (name: string) => {
    const chart = await world.keptChart(name);
    return { ...chart, evidence: await readFile(chart.evidence) };
  };
  hello = await kept('hello');
  other = await kept('other');
});

afterAll(async () => {
  await world.close();
});

beforeEach(async () => {
  temporary = await world.subdirectory('temporary');
  home = await world.subdirectory('helm');
  await rm(join(home, 'repositories.yaml'), { force: true });
});

afterEach(async () => {
  expect(await readdir(temporary), 'nothing of what was fetched is left').toEqual([]);
});

async function run(argv: readonly string[], { env, ...more }: Surroundings = {}) {
  const options = [...world.knowing(), '--output', 'json'];
  const ran = await world.run([...argv, ...options], {
    env: { TMPDIR: temporary, HELM_CONFIG_HOME: home, ...env },
    ...more,
  });
  const document = JSON.parse(ran.stdout || '{}') as { readonly results?: readonly Result[] };
  return { ...ran, results: document.results ?? [], result: document.results?.[0] ?? {} };
}

const verify = async (url: string, ...options: readonly string[]) => await run(['verify', url, ...options]);

async function serveTls(listener: RequestListener): Promise<{ readonly url: string; readonly ca: string }> {
  const identity = selfSignedCertificate();
  return { url: `https://127.0.0.1:${await listen(createServer(identity, listener))}`, ca: identity.cert };
}

const NAME = 'hello-0.1.0.tgz';
const filesOf = ({ archive, provenance }: Kept, name = NAME): StaticFiles => ({
  [`/${name}`]: archive,
  [`/${name}.prov`]: provenance,
});

describe('a chart at a URL', () => {
  test('is fetched with its provenance and verified by the log', async () => {
    const { url, seen } = await serveFiles(filesOf(hello));
    const { status, result } = await verify(`${url}/${NAME}`);
    expect({ status, ...result }).toMatchObject({
      status: 0,
      chart: `${url}/${NAME}`,
      verdict: 'verified',
      source: { form: 'url', reference: `${url}/${NAME}`, url: `${url}/${NAME}` },
    });
    expect(seen.map((each) => each.url).sort()).toEqual(
      ['', '.prov', '.prov.sigstore.json', '.rekor.json'].map((ending) => `/${NAME}${ending}`),
    );
  });

  test('is verified by the evidence beside it, and the log is not searched', async () => {
    const { url } = await serveFiles({ ...filesOf(hello), [`/${NAME}.rekor.json`]: hello.evidence });
    const { status, result } = await verify(`${url}/${NAME}`);
    expect(status).toBe(0);
    expect(result.evidence).toMatchObject({ path: `${url}/${NAME}.rekor.json`, outcome: 'used' });
  });

  test.each([
    ['of another chart', () => other.evidence],
    ['that is a page of the server', () => Buffer.from('<!doctype html>')],
    [
      'that is altered',
      () =>
        Buffer.from(
          Buffer.from(hello.evidence)
            .toString()
            .replace(/[A-Za-z0-9+/]{60}/, 'A'.repeat(60)),
        ),
    ],
  ])('with evidence %s beside it is verified by the log instead', async (_, evidence) => {
    const { url } = await serveFiles({ ...filesOf(hello), [`/${NAME}.rekor.json`]: evidence() });
    const { status, result } = await verify(`${url}/${NAME}`);
    expect([status, result.verdict, result.evidence]).toEqual([0, 'verified', undefined]);
  });

  test.each<[string, StaticFiles[string]]>([
    ['is a large page', Buffer.alloc(2 << 20, 0x20)],
    ['is elsewhere, over plain http', answer(302, '', { location: 'http://192.0.2.1/login' })],
    ['is compressed', answer(200, 'x', { 'content-encoding': 'gzip' })],
    [
      'breaks off',
      (_, response) => {
        response.destroy();
      },
    ],
  ])('is verified by the log where what is offered as evidence %s', async (_, offered) => {
    const { url } = await serveFiles({ ...filesOf(hello), [`/${NAME}.rekor.json`]: offered });
    const { status, result } = await verify(`${url}/${NAME}`);
    expect([status, result.verdict, result.evidence]).toEqual([0, 'verified', undefined]);
  });

  test('whose URL has a query has provenance and evidence where Helm looks, or before the query', async () => {
    const helms = await serveFiles({
      [`/${NAME}?token=s3cr3t`]: hello.archive,
      [`/${NAME}?token=s3cr3t.prov`]: hello.provenance,
      [`/${NAME}?token=s3cr3t.rekor.json`]: hello.evidence,
    });
    const others = await serveFiles({
      [`/${NAME}?token=s3cr3t`]: hello.archive,
      [`/${NAME}.prov?token=s3cr3t`]: hello.provenance,
      [`/${NAME}.rekor.json?token=s3cr3t`]: hello.evidence,
    });
    // Whatever is behind the question mark, it gives the same file.
    const careless = await serveFiles({
      [`/${NAME}?token=s3cr3t`]: hello.archive,
      [`/${NAME}?token=s3cr3t.prov`]: hello.archive,
      [`/${NAME}?token=s3cr3t.rekor.json`]: hello.archive,
      [`/${NAME}.prov?token=s3cr3t`]: hello.provenance,
      [`/${NAME}.rekor.json?token=s3cr3t`]: hello.evidence,
    });
    for (const { url } of [helms, others, careless]) {
      const { status, result, stdout, stderr } = await verify(`${url}/${NAME}?token=s3cr3t`);
      expect(status).toBe(0);
      expect(result.evidence?.path).toMatch(/tgz(?:\.rekor\.json)?$/);
      expect(stdout + stderr).not.toContain('s3cr3t');
    }
  });

  test('whose URL has a query has provenance before it where the server gives a large archive again', async () => {
    const large = Buffer.alloc(2 << 20, 0x1f);
    const { url } = await serveFiles({
      [`/${NAME}?raw=1`]: hello.archive,
      [`/${NAME}?raw=1.prov`]: large,
      [`/${NAME}?raw=1.rekor.json`]: large,
      [`/${NAME}.prov?raw=1`]: hello.provenance,
      [`/${NAME}.rekor.json?raw=1`]: hello.evidence,
    });
    const { status, result } = await verify(`${url}/${NAME}?raw=1`);
    expect([status, result.evidence]).toEqual([0, expect.objectContaining({ outcome: 'used' })]);
  });

  test.each([400, 401, 403])(
    'whose query is a token has provenance before it where the server answers %i to a changed one',
    async (code) => {
      const { url } = await serveFiles({
        [`/${NAME}?token=x`]: hello.archive,
        [`/${NAME}?token=x.prov`]: answer(code, 'a bad token'),
        [`/${NAME}.prov?token=x`]: hello.provenance,
      });
      expect(await verify(`${url}/${NAME}?token=x`)).toMatchObject({ status: 0 });
    },
  );

  test.each(['inspect', 'search'])('is taken by %s', async (command) => {
    const { url } = await serveFiles(filesOf(hello));
    const trust = command === 'inspect' ? ['--keyring', world.keyring] : world.trusting();
    const ran = await world.run([command, `${url}/${NAME}`, ...trust], { env: { TMPDIR: temporary } });
    expect(ran).toMatchObject({ status: 0, stderr: '' });
  });

  test('is put into a mirror, with evidence', async () => {
    const { url } = await serveFiles(filesOf(hello));
    const site = join(await world.subdirectory('mirrors'), 'site');
    expect(await run(['mirror', `${url}/${NAME}`, '--to', site])).toMatchObject({ status: 0 });
    expect(await readdir(site)).toEqual(expect.arrayContaining([NAME, `${NAME}.prov`, `${NAME}.rekor.json`]));
  });

  test('has evidence made where the user says, and nowhere else', async () => {
    const { url } = await serveFiles(filesOf(hello));
    const path = join(await world.subdirectory('made'), 'x.rekor.json');
    expect(await run(['evidence', `${url}/${NAME}`])).toMatchObject({ status: 3 });
    expect(await run(['evidence', `${url}/${NAME}`, '--evidence', path])).toMatchObject({ status: 0 });
    expect((await readFile(path)).length).toBeGreaterThan(1000);
  });

  test('may stand in a list, between paths and what is malformed', async () => {
    const { url } = await serveFiles(filesOf(hello));
    const list = await world.write('urls', `${url}/${NAME}\nhttps://ci:s3cr3t@h.example/x-1.tgz\n`);
    const { status, results, stdout, stderr } = await run(['verify', '--from-file', list]);
    expect(results.map((each) => each.status)).toEqual([0, 3]);
    expect(status).toBe(3);
    expect(stdout + stderr).not.toContain('s3cr3t');
  });
});

describe('is not verified', () => {
  test('one chart as another: the URL says which name has to be signed', async () => {
    const { url } = await serveFiles(filesOf(other));
    expect(await verify(`${url}/${NAME}`)).toMatchObject({
      status: 10,
      stderr: expect.stringContaining('archive-name') as unknown,
    });
  });

  test('an old version as a new one', async () => {
    const { url } = await serveFiles(filesOf(hello, 'hello-0.2.0.tgz'));
    const { status, stderr } = await verify(`${url}/hello-0.2.0.tgz`);
    expect(stderr).toContain('archive-name');
    expect(status).toBe(10);
  });

  test('a name that the user gives in place of that of the URL has to be signed as well', async () => {
    const { url } = await serveFiles(filesOf(hello, 'other-1.tgz'));
    expect(await verify(`${url}/other-1.tgz`, '--as', NAME)).toMatchObject({ status: 0 });
    expect(await verify(`${url}/other-1.tgz`, '--as', 'other-0.1.0.tgz')).toMatchObject({ status: 10 });
  });

  test('an archive that was swapped', async () => {
    const { url } = await serveFiles({ ...filesOf(hello), [`/${NAME}`]: other.archive });
    const { status, stderr } = await verify(`${url}/${NAME}`);
    expect([status, stderr]).toEqual([10, expect.stringContaining('archive-digest')]);
  });

  test('a chart without provenance: 4, with what the server said', async () => {
    const { url } = await serveFiles({ [`/${NAME}`]: hello.archive });
    const { status, result } = await verify(`${url}/${NAME}`);
    expect([status, result.error?.code, result.error?.message]).toEqual([
      4,
      'NOT_FOUND',
      `the server has ${url}/${NAME}, but no provenance beside it: ${url}/${NAME}.prov is 404`,
    ]);
  });

  test('a chart that is not there: 4', async () => {
    const { url } = await serveFiles({});
    const { status, result } = await verify(`${url}/${NAME}`);
    expect([status, result.error?.message]).toEqual([
      4,
      `there is no chart at ${url}/${NAME}: the answer has the status 404`,
    ]);
  });

  test.each([
    [401, 'helm repo add'],
    [403, 'helm repo add'],
    [418, 'a teapot'],
  ])('a chart that the server does not give, with status %i: 5', async (code, words) => {
    const { url } = await serveFiles({ [`/${NAME}`]: answer(code, 'a teapot') });
    const { status, stderr } = await verify(`${url}/${NAME}`);
    expect([status, stderr]).toEqual([5, expect.stringContaining(words)]);
  });

  test('a page in place of the archive, or of the provenance', async () => {
    const page = '<!doctype html><title>sign in</title>';
    const first = await serveFiles({ ...filesOf(hello), [`/${NAME}`]: page });
    const second = await serveFiles({ ...filesOf(hello), [`/${NAME}.prov`]: page });
    for (const { url } of [first, second]) {
      const { status, stderr } = await verify(`${url}/${NAME}`);
      expect([status, stderr]).toEqual([3, expect.stringContaining('a page in place of the file')]);
      expect(stderr).not.toContain(temporary);
    }
  });

  test('a provenance of two mebibytes: 5', async () => {
    const { url } = await serveFiles({ ...filesOf(hello), [`/${NAME}.prov`]: Buffer.alloc(2 << 20, 0x20) });
    const { status, stderr } = await verify(`${url}/${NAME}`);
    expect([status, stderr]).toEqual([5, expect.stringContaining('longer than 1048576 bytes')]);
  });

  test('a body that breaks off, four times: 5, and no half of it is judged', async () => {
    const half: RequestListener = (_, response) => {
      response.writeHead(200, { 'content-length': hello.archive.length });
      response.write(hello.archive.slice(0, 50));
      setTimeout(() => response.destroy(), 10);
    };
    const { url } = await serveFiles({ ...filesOf(hello), [`/${NAME}`]: half });
    const { status, stderr } = await verify(`${url}/${NAME}`);
    expect([status, stderr]).toEqual([5, expect.stringContaining('the connection broke (tried 4 times)')]);
  });

  test('a body that never ends: 5', async () => {
    const endless: RequestListener = (_, response) => {
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => {
        clearInterval(timer);
      });
    };
    const { url } = await serveFiles({ [`/${NAME}`]: endless });
    const { status, stderr } = await verify(`${url}/${NAME}`, '--timeout', '1s');
    expect([status, stderr]).toEqual([5, expect.stringContaining('the time for all requests is up')]);
  });

  test('a chart of a server that is not there: 5, and not a word of the log', async () => {
    const { status, result } = await verify(`http://127.0.0.1:${await unusedPort()}/${NAME}`);
    expect([status, result.error?.code]).toEqual([5, 'UNCHECKED']);
  });

  test('after an interruption in the middle nothing is left', async () => {
    const user = new AbortController();
    const { url } = await serveFiles({
      [`/${NAME}`]: (_, response) => {
        response.write(hello.archive.slice(0, 50));
        setTimeout(() => {
          user.abort();
        }, 50);
      },
    });
    const { status } = await run(['verify', `${url}/${NAME}`], { interrupted: user.signal });
    expect(status).toBe(5);
  });
});

describe('credentials of a repository', () => {
  const add = async (url: string, more = '') => {
    await writeFile(
      join(home, 'repositories.yaml'),
      `apiVersion: ""\nrepositories:\n- name: mine\n  url: ${url}\n  username: ci\n  password: s3cr3t\n${more}`,
    );
  };
  const basic = `Basic ${Buffer.from('ci:s3cr3t').toString('base64')}`;

  test('go to its origin with each file', async () => {
    const { url, seen } = await serveFiles(filesOf(hello));
    await add(`${url}/charts`);
    expect(await verify(`${url}/${NAME}`)).toMatchObject({ status: 0 });
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([basic, basic, basic, basic]);
  });

  test('go to no other port, and to no server to which its own redirects', async () => {
    const trap = await serveFiles(filesOf(hello));
    const { url } = await serve((request, response) => {
      response.writeHead(302, { location: `${trap.url}${request.url ?? ''}` }).end();
    });
    await add(url, '  pass_credentials_all: true\n');
    expect(await verify(`${url}/${NAME}`)).toMatchObject({ status: 0 });
    expect(await verify(`${trap.url}/${NAME}`)).toMatchObject({ status: 0 });
    expect(trap.seen.length).toBeGreaterThanOrEqual(6);
    expect(JSON.stringify(trap.seen)).not.toMatch(/authorization/i);
  });

  test('are in no message', async () => {
    const { url } = await serveFiles({ [`/${NAME}`]: answer(401, 'go away') });
    await add(url);
    const { stdout, stderr } = await verify(`${url}/${NAME}`);
    expect(stdout + stderr).not.toMatch(/s3cr3t|Y2k6/);
  });

  test('with its authority make TLS with its server work', async () => {
    const { url, ca } = await serveTls((request, response) => {
      const file = filesOf(hello)[request.url ?? ''];
      response.writeHead(file === undefined ? 404 : 200).end(file);
    });
    expect(await verify(`${url}/${NAME}`)).toMatchObject({ status: 5 });
    await add(url, `  caFile: ${await world.write('ca.pem', ca)}\n`);
    expect((await verify(`${url}/${NAME}`)).stderr).toBe('');
  });

  test('do not come where Helm was told to skip the check of TLS: the hint says what to do', async () => {
    const asked: string[] = [];
    const { url, ca } = await serveTls((request, response) => {
      asked.push(request.url ?? '');
      const file = filesOf(hello)[request.url ?? ''];
      response.writeHead(file === undefined ? 404 : 200).end(file);
    });
    await add(url, '  insecure_skip_tls_verify: true\n');
    const { status, stderr } = await verify(`${url}/${NAME}`);
    expect([status, asked]).toEqual([5, []]);
    expect(stderr).toMatch(/repository mine \(insecure_skip_tls_verify\) does not count here.*--ca-file/);
    const given = ['--ca-file', await world.write('ca3.pem', ca)];
    expect((await verify(`${url}/${NAME}`, ...given)).status).toBe(0);
    const wrong = ['--ca-file', await world.write('ca4.pem', selfSignedCertificate().cert)];
    expect((await verify(`${url}/${NAME}`, ...wrong)).stderr).toContain('--ca-file');
  });

  test('in a file that is none of Helm are an input error', async () => {
    await writeFile(join(home, 'repositories.yaml'), 'repositories: 1\n');
    expect(await verify('https://127.0.0.1:1/x-1.0.0.tgz')).toMatchObject({ status: 3 });
  });
});

describe('redirects', () => {
  test('from https to http are refused', async () => {
    const plain = await serveFiles(filesOf(hello));
    const { url, ca } = await serveTls((request, response) => {
      response.writeHead(302, { location: `${plain.url}${request.url ?? ''}` }).end();
    });
    const { status, stderr } = await verify(`${url}/${NAME}`, '--ca-file', await world.write('ca2.pem', ca));
    expect([status, stderr]).toEqual([5, expect.stringContaining('from https to http')]);
    expect(plain.seen).toEqual([]);
  });

  test('eleven are too many: 5', async () => {
    const { url } = await serve(answer(302, '', { location: `/${NAME}` }));
    const { status, stderr } = await verify(`${url}/${NAME}`);
    expect([status, stderr]).toEqual([5, expect.stringContaining('redirects more than 10 times')]);
  });
});

test.each([
  ['userinfo', 'https://ci:s3cr3t@h.example/x-1.0.0.tgz'],
  ['%2f', 'https://h.example/a%2fx-1.0.0.tgz'],
  ['%5C', 'https://h.example/a%5Cx-1.0.0.tgz'],
  ['%2e', 'https://h.example/%2e%2e/x-1.0.0.tgz'],
  ['backslash', 'https://h.example\\x-1.0.0.tgz'],
  ['a dot behind the host', 'https://h.example./x-1.0.0.tgz'],
  ['dots in the path', 'https://h.example/a/../x-1.0.0.tgz'],
  ['a fragment', 'https://h.example/x-1.0.0.tgz#sha'],
  ['a blank in front', ' https://h.example/x-1.0.0.tgz'],
  ['no slashes', 'https:h.example/x-1.0.0.tgz'],
  ['one slash', 'https:/h.example/x-1.0.0.tgz'],
  ['plain http elsewhere', 'http://192.0.2.1/x-1.0.0.tgz'],
  ['no archive', 'https://h.example/index.yaml'],
  ['file', 'file:///tmp/x-1.0.0.tgz'],
  ['our own scheme', 'sigstore+https://h.example/x-1.0.0.tgz'],
  ['upper case in a registry', 'oci://h.example/Hello:1.0.0'],
])('a reference with %s is a usage error, before anything is asked', async (_, word) => {
  const { status, stderr } = await run(['verify', word]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^Error: .+\nHint: /);
  expect(stderr).not.toContain('s3cr3t');
});

test.each([
  ['verify', ['--version', '0.1.0']],
  ['verify', ['--devel']],
  ['verify', ['--insecure-plain-http']],
  ['inspect', ['--version', '0.1.0']],
  ['search', ['--version', '0.1.0']],
])('%s %j for a chart that is a file is a usage error', async (command, options) => {
  const path = await world.write(NAME, '');
  const ran = await world.run([command, path, ...options], { env: { TMPDIR: temporary } });
  expect(ran).toMatchObject({ status: 2, stderr: expect.stringContaining(options[0] ?? '') as unknown });
});

test('--offline takes no chart that is elsewhere', async () => {
  expect(await verify('https://h.example/x-1.0.0.tgz', '--offline')).toMatchObject({ status: 2 });
});
