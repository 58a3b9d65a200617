import {
  appendFile,
  chmod,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { RequestListener } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import type { Surroundings } from '../support/program.ts';
import { email, ForgedSigstore } from '../support/forged-sigstore.ts';
import { serveRegistry } from '../support/registry/server.ts';
import { writeSignedChart } from '../support/chart.ts';
import { plainSignatureOf } from '../support/plain-signature.ts';
import { SignatureLog } from '../support/signature-log.ts';
import { CHART_SIGNED, createSigner } from '../support/signer.ts';
import { serveFiles } from '../support/static-server.ts';
import { World } from '../support/world/world.ts';

/** What the stand-in of Helm saw when it was called for a verb. */
interface Called {
  readonly argv: readonly string[];
  /** Of the file that is the last word; undefined: it is none. */
  readonly sha256?: string;
  readonly mode?: string;
  readonly directoryMode?: string;
  readonly namespace?: string;
}

let world: World;
let hello: Awaited<ReturnType<World['keptChart']>>;
let helm: string;
let bin: string;
let temporary: string;
let config: string;
let count = 0;

/** Answers `--help` as a real Helm does, pulls what lies in a folder, and notes with what it is called else. */
const HELM = `
const fs = require('node:fs'), path = require('node:path'), { createHash } = require('node:crypto');
const here = path.dirname(process.argv[1]);
const argv = process.argv.slice(2);
const dashes = argv.indexOf('--');
if (argv.includes('--help') && !fs.existsSync(path.join(here, 'is-dumb'))) {
  fs.appendFileSync(path.join(here, 'helps'), argv.join(' ') + '\\n');
  const file = path.join(here, argv.slice(0, argv[0] === 'show' ? 2 : 1).join('-').replace(/show-.*/, 'show-values') + '.txt');
  if (process.env.TAKE_OVER !== 'yes') process.stdout.write(fs.existsSync(file) ? fs.readFileSync(file) : '');
} else if (argv[0] === 'pull') {
  const into = argv[argv.indexOf('--destination') + 1];
  fs.writeFileSync(path.join(here, 'pulled.json'), JSON.stringify(argv));
  fs.cpSync(path.join(here, 'pulls'), into, { recursive: true });
} else {
  if (process.env.SWAP_COPIES !== undefined)
    for (const name of fs.readdirSync(process.env.TMPDIR).filter((each) => each.startsWith('helm-sigstore-charts-'))) {
      const place = path.join(process.env.TMPDIR, name);
      fs.renameSync(place, path.join(process.env.TMPDIR, 'moved-' + name));
      for (const below of fs.readdirSync(path.join(process.env.TMPDIR, 'moved-' + name)))
        fs.cpSync(process.env.SWAP_COPIES, path.join(place, below), { recursive: true });
    }
  const last = argv.at(-1);
  const isFile = fs.existsSync(last) && fs.statSync(last).isFile();
  const octal = (file) => (fs.statSync(file).mode & 0o777).toString(8);
  const seen = isFile && {
    sha256: createHash('sha256').update(fs.readFileSync(last)).digest('hex'),
    mode: octal(last),
    directoryMode: octal(path.dirname(last)),
  };
  fs.writeFileSync(path.join(here, 'called.json'), JSON.stringify({ argv, ...seen, namespace: process.env.HELM_NAMESPACE }));
  process.exitCode = Number(process.env.HELM_STATUS ?? 0);
}
`;

beforeAll(async () => {
  world = await World.open();
  hello = await world.keptChart('hello');
  bin = await world.subdirectory('bin');
  helm = join(bin, 'helm');
  await writeFile(helm, `#!${process.execPath}\n${HELM}`);
  await chmod(helm, 0o755);
  const helps = join(import.meta.dirname, '..', 'wrapper', 'helm-help');
  for (const file of await readdir(helps)) await copyFile(join(helps, file), join(bin, file));
  await mkdir(join(bin, 'pulls'));
  await writeFile(join(bin, 'pulls', 'hello-0.1.0.tgz'), hello.archive);
  await writeFile(join(bin, 'pulls', 'hello-0.1.0.tgz.prov'), hello.provenance);
  await copyFile(world.keyring, join(world.directory, 'publisher.gpg'));
  await copyFile(world.log.publicKeyPath, join(world.directory, 'log.pem'));
});

afterAll(async () => {
  await world.close();
});

beforeEach(async () => {
  count += 1;
  await rm(join(bin, 'called.json'), { force: true });
  temporary = await world.subdirectory(`temporary-${count}`);
  config = await world.subdirectory(`config-${count}`);
});

afterEach(async () => {
  expect(await readdir(temporary), 'nothing of what was copied is left').toEqual([]);
});

async function called(): Promise<Called | undefined> {
  const text = await readFile(join(bin, 'called.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Called);
}

async function run(words: readonly string[], before = world.knowing(), more: Surroundings = {}) {
  const env = {
    HELM_BIN: helm,
    TMPDIR: temporary,
    HELM_CONFIG_HOME: config,
    DOCKER_CONFIG: config,
    HELM_REGISTRY_CONFIG: join(config, 'registry.json'),
    HELM_REPOSITORY_CONFIG: join(config, 'repositories.yaml'),
    HELM_REPOSITORY_CACHE: config,
    HELM_KUBEINSECURE_SKIP_TLS_VERIFY: 'false',
    ...more.env,
  };
  const ran = await world.run([...before, ...words], { ...more, env });
  return { ...ran, called: await called() };
}

async function policy(lines: string): Promise<string[]> {
  const head = `version: 1\nkeys: [publisher.gpg]\nlogs: [{ url: "${world.log.url}", publicKeys: [log.pem] }]`;
  return ['--policy', await world.write(`policy-${count}.yaml`, `${head}\n${lines}\n`)];
}

const byPublisher = (charts: string) =>
  `rules:\n  - { name: a, charts: [${charts}], signedBy: [{ openpgp: ${world.publisher.fingerprint} }] }`;

/** The name of the file that Helm was given, and what stands before it. */
const shape = (seen: Called | undefined) => seen?.argv.map((word) => word.replace(/^\/.*\//, ''));

describe('a chart that is verified', () => {
  test('reaches Helm as a private copy of the same bytes, and Helm alone answers', async () => {
    const { status, stdout, stderr, called } = await run([
      'install',
      'a',
      hello.path,
      '-f',
      'v.yaml',
      '-nns',
    ]);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(shape(called)).toEqual(['install', '--values=v.yaml', '--namespace=ns', '--', 'a', 'hello-0.tgz']);
    expect(called).toMatchObject({ sha256: sha256Hex(hello.archive), mode: '400', directoryMode: '700' });
    expect(called?.argv.at(-1)?.startsWith(`${temporary}/`)).toBe(true);
  });

  test.each([0, 1, 3, 77])('gives the status of Helm: %i', async (wanted) => {
    const { status, stderr } = await run(['template', hello.path], undefined, {
      env: { HELM_STATUS: String(wanted) },
    });
    expect({ status, stderr }).toEqual({ status: wanted, stderr: '' });
  });

  test('at a URL, in a repository by range, and offline: reaches Helm too', async () => {
    const server = await serveFiles({
      '/hello-0.1.0.tgz': hello.archive,
      '/hello-0.1.0.tgz.prov': hello.provenance,
    });
    const url = `${server.url}/hello-0.1.0.tgz`;
    expect((await run(['show', 'values', url])).called).toMatchObject({ sha256: sha256Hex(hello.archive) });
    await addRepository(server.url);
    const ranged = await run([
      'upgrade',
      'a',
      'mine/hello',
      '--version',
      '^0.1',
      '--install',
      '--devel=false',
    ]);
    expect(ranged.stderr).toBe('');
    expect(shape(ranged.called)).toEqual(['upgrade', '--install', '--', 'a', 'hello.tgz']);
    const offline = await run(['template', hello.path], ['--offline', ...world.knowing()]);
    expect({ status: offline.status, stderr: offline.stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('is shown on stderr with --verbose, and stdout is left to Helm', async () => {
    const { stdout, stderr } = await run(['template', hello.path], ['--verbose', ...world.knowing()]);
    expect(stdout).toBe('');
    expect(stderr).toContain('Chart Verified Successfully From Helm entry:');
  });

  test('is accepted by a policy, which outranks variables', async () => {
    const { status, stderr, called } = await run(
      ['template', hello.path],
      await policy(byPublisher('hello')),
      { env: { KEYRING: '/nowhere' } },
    );
    expect(status).toBe(0);
    expect(stderr).toContain('KEYRING is ignored');
    expect(called).toBeDefined();
  });
});

test('a chart in a folder of a repository has its rule under a policy, and reaches Helm', async () => {
  const { url } = await serveFiles({});
  await addRepository(url, { key: 'team/hello' });
  const before = async (charts: string) => await policy(byPublisher(JSON.stringify(charts)));
  const ruled = await run(['template', 'x', 'mine/team/hello'], await before(`${url}/team/*`));
  expect(ruled.stderr).toBe('');
  expect(ruled.called).toMatchObject({ sha256: sha256Hex(hello.archive) });
  await rm(join(bin, 'called.json'));
  const refused = await run(['template', 'x', 'mine/team/hello'], await before(`${url}/*`));
  expect(refused).toMatchObject({ status: 10, called: undefined });
});

test('a chart in a folder of the repository of --repo as well', async () => {
  const entry = { name: 'team/hello', version: '0.1.0', urls: ['hello-0.1.0.tgz'] };
  const index = JSON.stringify({ apiVersion: 'v1', entries: { 'team/hello': [entry] } });
  const { url } = await serveFiles({ '/index.yaml': index });
  const before = await policy(byPublisher(JSON.stringify(`${url}/team/hello`)));
  const ruled = await run(['template', 'x', 'team/hello', '--repo', url], before);
  expect(ruled.stderr).toBe('');
  expect(ruled.called).toMatchObject({ sha256: sha256Hex(hello.archive) });
});

async function addRepository(
  url: string,
  { archive = 'hello-0.1.0.tgz', key = 'hello' } = {},
): Promise<void> {
  await writeFile(
    join(config, 'repositories.yaml'),
    `apiVersion: ""\nrepositories:\n- name: mine\n  url: ${url}\n`,
  );
  const entry = {
    name: key,
    version: '0.1.0',
    urls: [archive],
    digest: sha256Hex(hello.archive),
  };
  await writeFile(
    join(config, 'mine-index.yaml'),
    JSON.stringify({ apiVersion: 'v1', entries: { [key]: [entry] } }),
  );
  await writeFile(join(config, 'mine-charts.txt'), `${key}\n`);
}

describe('a directory for temporary files in which others can exchange what lies there', () => {
  const moved = async () =>
    Promise.all((await readdir(temporary)).map((name) => rm(join(temporary, name), { recursive: true })));

  test.skipIf(process.platform !== 'linux').each([
    ['that is open to all', () => Promise.resolve(temporary)],
    ['behind a link', linkTo],
  ])('%s: Helm gets what was judged all the same (needs Linux)', async (_, make) => {
    const hostile = await world.subdirectory(`hostile-${count}`);
    await writeFile(join(hostile, 'hello-0.tgz'), 'something else');
    await chmod(temporary, 0o777);
    const env = { TMPDIR: await make(), SWAP_COPIES: hostile };
    const { status, stderr, called } = await run(['template', 'a', hello.path], undefined, { env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(shape(called)).toEqual(['template', '--', 'a', 'hello-0.tgz']);
    expect(called).toMatchObject({ sha256: sha256Hex(hello.archive), mode: '400', directoryMode: '700' });
    await moved();
  });

  async function linkTo(): Promise<string> {
    const link = join(config, 'link');
    await symlink(temporary, link);
    return link;
  }

  test('pull works there', async () => {
    const server = await serveFiles({
      '/hello-0.1.0.tgz': hello.archive,
      '/hello-0.1.0.tgz.prov': hello.provenance,
    });
    await chmod(temporary, 0o777);
    const to = await world.subdirectory(`to-${count}`);
    const { status, stderr } = await run(['pull', `${server.url}/hello-0.1.0.tgz`, '-d', to]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect((await readFile(join(to, 'hello-0.1.0.tgz'))).equals(hello.archive)).toBe(true);
  });
});

describe('Helm is not called', () => {
  test.each([
    ['of which no log knows', async () => (await world.chart(`unlogged-${count}`)).path, 4],
    ['that is not there', () => Promise.resolve('no-0.1.0.tgz'), 3],
    ['that is another one than was signed', swapped, 10],
  ])('for a chart %s: the status is that of verify, and stdout is empty', async (_, make, wanted) => {
    const reference = await make();
    const { status, stdout, stderr, called } = await run(['install', 'a', reference]);
    expect({ status, stdout, called }).toEqual({ status: wanted, stdout: '', called: undefined });
    expect(stderr).toContain('Error: ');
    expect((await world.runKnowing('verify', reference)).status).toBe(wanted);
  });

  test('for a chart that the policy denies, whatever the words for Helm say', async () => {
    const deny = await policy('otherwise: deny');
    for (const words of [
      ['install', 'a', hello.path],
      ['install', 'a', hello.path, '--policy', 'x'],
      ['template', hello.path, '--verify=false'],
    ]) {
      const { status, stdout, called } = await run(words, deny);
      expect({ status: [2, 10].includes(status), stdout, called }).toEqual({
        status: true,
        stdout: '',
        called: undefined,
      });
    }
  });

  test('with flags that the policy outranks', async () => {
    const { status, stderr, called } = await run(
      ['template', hello.path],
      [...(await policy('otherwise: deny')), '--keyring', world.keyring],
    );
    expect({ status, called }).toEqual({ status: 2, called: undefined });
    expect(stderr).toContain('expected no --keyring with a policy');
  });

  test('for a directory, unless the policy allows directories; then as it is', async () => {
    const directory = await world.subdirectory('unpacked');
    await writeFile(join(directory, 'Chart.yaml'), 'apiVersion: v2\nname: unpacked\nversion: 0.1.0\n');
    const denied = await run(['install', 'a', directory]);
    expect({ status: denied.status, called: denied.called }).toEqual({ status: 2, called: undefined });
    expect(denied.stderr).toContain('is a directory, which nobody can have signed');
    const words = ['install', 'a', directory, '--ca-file', 'ca.pem', '--verify'];
    const allowed = await run(words, await policy('unpacked: allow'));
    expect(allowed.called?.argv).toEqual(['install', '--ca-file=ca.pem', '--', 'a', directory]);
  });

  test('with --plain-http under a policy, but for this machine', async () => {
    const words = ['template', 'oci://registry.example.com/charts/hello:0.1.0', '--plain-http'];
    const { status, stderr, called } = await run(words, await policy('otherwise: allow'));
    expect({ status, called }).toEqual({ status: 2, called: undefined });
    expect(stderr).toContain('expected no --plain-http with a policy');
    const here = ['template', 'oci://127.0.0.1:1/charts/hello:0.1.0', '--plain-http'];
    expect(await run(here, await policy('otherwise: allow'))).toMatchObject({ status: 5, stdout: '' });
  });

  test('for --dependency-update, unless the policy allows it', async () => {
    const denied = await run(['template', hello.path, '--dependency-update']);
    expect({ status: denied.status, called: denied.called }).toEqual({ status: 2, called: undefined });
    const lines = `${byPublisher('hello')}\ndependencyUpdate: allow`;
    const allowed = await run(['template', hello.path, '--dependency-update'], await policy(lines));
    expect(shape(allowed.called)).toEqual(['template', '--dependency-update', '--', 'hello-0.tgz']);
  });

  test.each(['true', '1', 'T', 'yes'])(
    'with HELM_KUBEINSECURE_SKIP_TLS_VERIFY=%s, behind which Helm may have taken a word',
    async (value) => {
      const env = { HELM_KUBEINSECURE_SKIP_TLS_VERIFY: value };
      const { status, stderr, called } = await run(['template', hello.path], undefined, { env });
      expect({ status, called }).toEqual({ status: 2, called: undefined });
      expect(stderr).toContain('--kube-insecure-skip-tls-verify');
    },
  );

  test('with an unknown flag, or one that only we have, behind the verb', async () => {
    for (const flag of ['--new', '--rekor-server', '--policy']) {
      const { status, stderr, called } = await run(['template', hello.path, flag, 'x']);
      expect({ status, called }).toEqual({ status: 2, called: undefined });
      expect(stderr).toContain(`unknown flag of Helm: "${flag}"`);
    }
  });

  test('where there is none, or it does not answer as one', async () => {
    const missing = await run(['template', hello.path], undefined, { env: { HELM_BIN: join(bin, 'none') } });
    expect(missing).toMatchObject({ status: 3, stdout: '' });
    expect(missing.stderr).toContain('cannot run ');
    const unset = await run(['template', hello.path], undefined, { env: { HELM_BIN: '' } });
    expect(unset).toMatchObject({ status: 2, stdout: '' });
    // A program that ignores --help is no Helm.
    await writeFile(join(bin, 'is-dumb'), '');
    const dumb = await run(['template', hello.path]);
    await rm(join(bin, 'is-dumb'));
    expect(dumb).toMatchObject({ status: 3, stdout: '' });
    expect(dumb.stderr).toContain('expected the help of Helm');
  });

  test('when the user interrupts before it', async () => {
    const interruption = new AbortController();
    interruption.abort();
    const { status, called } = await run(['template', hello.path], undefined, {
      interrupted: interruption.signal,
    });
    expect({ status, called }).toEqual({ status: 5, called: undefined });
  });

  test('with --output before the verb, which is none of our answers', async () => {
    const { status, called } = await run(['template', hello.path], ['--output', 'json', ...world.knowing()]);
    expect({ status, called }).toEqual({ status: 2, called: undefined });
  });
});

/** An archive beside the provenance of another one, with its name. */
async function swapped(): Promise<string> {
  const path = join(await world.subdirectory(`swapped-${count}`), 'hello-0.1.0.tgz');
  await writeFile(path, (await world.chart(`other-${count}`)).archive);
  await copyFile(`${hello.path}.prov`, `${path}.prov`);
  return path;
}

describe('a command line', () => {
  test('may have our options before the verb, with values that look like verbs', async () => {
    const keyring = join(world.directory, 'install');
    await copyFile(world.keyring, keyring);
    const before = [...world.trusting(), '--keyring', keyring];
    const { status, called } = await run(['template', 'upgrade', hello.path], before);
    expect(status).toBe(0);
    expect(shape(called)?.slice(0, 3)).toEqual(['template', '--', 'upgrade']);
  });

  test('has our help before the verb, and the help of Helm behind it', async () => {
    const ours = await run(['template'], ['--help']);
    expect(ours).toMatchObject({ status: 0, called: undefined });
    expect(ours.stdout).toContain('helm sigstore [options] template [words for helm template]');
    await rm(join(bin, 'helps'), { force: true });
    await run(['template', '--help'], [], { env: { TAKE_OVER: 'yes' } });
    // Once to know the flags, once in place of an answer.
    expect(await readFile(join(bin, 'helps'), 'utf8')).toMatch(/template --help\n$/);
  });
});

describe('a chart in a registry', () => {
  /** A registry that wants a password, or not. */
  async function pushed(password?: string) {
    const wanted = password && `Basic ${Buffer.from(`reader:${password}`).toString('base64')}`;
    const seen: (string | undefined)[] = [];
    const registry = await serveRegistry({
      instead: ({ headers }, response) => {
        seen.push(headers.authorization);
        if (wanted === undefined || headers.authorization === wanted) return false;
        response.writeHead(401, { 'www-authenticate': 'Basic realm="charts"' }).end();
        return true;
      },
    });
    registry.store.addChart(
      'charts/hello',
      hello.archive,
      '0.1.0',
      Buffer.from(hello.provenance).toString('utf8'),
    );
    return { reference: `oci://${registry.host}/charts/hello`, seen };
  }

  test.each([[['--version', '0.1.0']], [['--version=0.1.0', '--plain-http']]])(
    'is taken by the version behind the verb: %j',
    async (version) => {
      const { reference } = await pushed();
      const { stderr, called } = await run(['install', '-g', reference, ...version]);
      expect(stderr).toBe('');
      expect(shape(called)).toEqual(['install', '--generate-name', '--', 'hello.tgz']);
      expect(called).toMatchObject({ sha256: sha256Hex(hello.archive) });
    },
  );

  test('is taken with the user and the password behind the verb', async () => {
    const { reference, seen } = await pushed('secret');
    const words = ['template', `${reference}:0.1.0`, '--username', 'reader', '--password'];
    expect(await run([...words, 'secret'])).toMatchObject({ status: 0, stderr: '' });
    expect(seen.some((header) => header !== undefined)).toBe(true);
    const { status, stderr } = await run([...words, 'wrong']);
    expect(status).toBe(5);
    expect(stderr).not.toContain('wrong');
  });

  test('has to be the version that is asked for, and not another one beside a tag', async () => {
    const { reference } = await pushed();
    const { status, called } = await run(['template', `${reference}:0.1.0`, '--version', '0.2.0']);
    expect({ status, called }).toEqual({ status: 2, called: undefined });
    expect(await run(['template', reference, '--version', '0.2.0'])).toMatchObject({ status: 4, stdout: '' });
  });
});

describe('--username and --password behind the verb', () => {
  const guarded =
    (seen: string[], body: Uint8Array): RequestListener =>
    (request, response) => {
      seen.push(request.headers.authorization ?? 'none');
      const isReader =
        request.headers.authorization === `Basic ${Buffer.from('reader:secret').toString('base64')}`;
      response.writeHead(isReader ? 200 : 401).end(isReader ? body : '');
    };

  test('go to the server that is named, and neither to Helm nor to another server', async () => {
    const seen: string[] = [];
    const elsewhere: string[] = [];
    const other = await serveFiles({
      '/hello-0.1.0.tgz': (request, response) => {
        elsewhere.push(request.headers.authorization ?? 'none');
        response.end(hello.archive);
      },
    });
    const server = await serveFiles({
      '/hello-0.1.0.tgz': guarded(seen, hello.archive),
      '/hello-0.1.0.tgz.prov': guarded(seen, hello.provenance),
      '/moved/hello-0.1.0.tgz': (_, response) => {
        response.writeHead(302, { location: `${other.url}/hello-0.1.0.tgz` }).end();
      },
      '/moved/hello-0.1.0.tgz.prov': guarded(seen, hello.provenance),
    });
    const login = ['--username', 'reader', '--password=secret'];
    for (const path of ['hello-0.1.0.tgz', 'moved/hello-0.1.0.tgz']) {
      const { status, stderr, called } = await run(['template', `${server.url}/${path}`, ...login]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(shape(called)).toEqual(['template', '--', 'hello-0.tgz']);
    }
    expect(new Set(seen).size).toBe(1);
    // The other server of this machine has the same host name, to which it may go by the rules of Go as well.
    expect(elsewhere).toHaveLength(1);
    const refused = await run([
      'template',
      `${server.url}/hello-0.1.0.tgz`,
      '--username',
      'reader',
      '--password',
      'x',
    ]);
    expect(refused).toMatchObject({ status: 5, stdout: '' });
    expect(refused.stderr).not.toContain('secret');
  });

  test('are not passed to all because a repository passes its own credentials to all', async () => {
    const seen: string[] = [];
    const note: RequestListener = (request, response) => {
      seen.push(`${request.url ?? ''} ${request.headers.authorization ?? 'none'}`);
      response.writeHead(404).end();
    };
    const other = await serveFiles({ '/hello-0.1.0.tgz.rekor.json': note });
    await addRepository('http://127.0.0.1:1', { archive: `${other.url}/hello-0.1.0.tgz` });
    await appendFile(join(config, 'repositories.yaml'), '  pass_credentials_all: true\n');
    const words = ['template', 'mine/hello', '--username', 'reader', '--password', 'secret'];
    expect(await run(words)).toMatchObject({ status: 0 });
    expect(seen).toEqual(['/hello-0.1.0.tgz.rekor.json none']);
    seen.length = 0;
    expect(await run([...words, '--pass-credentials'])).toMatchObject({ status: 0 });
    expect(seen).toEqual([expect.stringMatching(/ Basic /)]);
  });

  test('reach the Helm that pulls a chart of a repository', async () => {
    await addRepository('http://127.0.0.1:1');
    const { status } = await run(['template', 'mine/hello', '--username', 'reader', '--password', 'secret']);
    expect(status).toBe(0);
    expect(JSON.parse(await readFile(join(bin, 'pulled.json'), 'utf8'))).toEqual(
      expect.arrayContaining(['--username=reader', '--password=secret']),
    );
  });
});

describe('pull', () => {
  test('puts the bundle of a provenance beside a chart that it proved, and it proves that again', async () => {
    const signer = await createSigner({ algorithm: 'p256' });
    const logged = await world.subdirectory(`logged-${count}`);
    const { archive, provenance, keyring } = await writeSignedChart(logged, signer, { hash: 'sha256' });
    const log = new SignatureLog();
    const signed = plainSignatureOf(provenance, signer.certificate);
    const server = await serveFiles({
      '/hello-0.1.0.tgz': archive,
      '/hello-0.1.0.tgz.prov': provenance,
      '/hello-0.1.0.tgz.prov.sigstore.json': Buffer.from(
        JSON.stringify(log.bundle(signed, { at: CHART_SIGNED + 60 })),
      ),
    });
    const root = await world.write(`root-${count}.json`, JSON.stringify(log.trustedRoot()));
    const to = await world.subdirectory(`to-${count}`);
    const before = ['--keyring', keyring, '--trusted-root', root];
    const pulled = await run(['pull', `${server.url}/hello-0.1.0.tgz`, '-d', to], before);
    expect(pulled).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect((await readdir(to)).sort()).toEqual(
      ['', '.prov', '.prov.sigstore.json'].map((end) => `hello-0.1.0.tgz${end}`),
    );
    const again = await world.run(['verify', join(to, 'hello-0.1.0.tgz'), ...before, '--offline']);
    expect(again).toMatchObject({ status: 0, stderr: '' });
  });

  test('puts archive, provenance and evidence into the destination, and calls Helm for nothing else', async () => {
    const server = await serveFiles({
      '/hello-0.1.0.tgz': hello.archive,
      '/hello-0.1.0.tgz.prov': hello.provenance,
    });
    await addRepository(server.url);
    const to = await world.subdirectory(`to-${count}`);
    const { status, stdout, stderr, called } = await run(['pull', 'mine/hello', '-d', to]);
    expect({ status, stdout, stderr, called }).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
      called: undefined,
    });
    const file = join(to, 'hello-0.1.0.tgz');
    expect((await readdir(to)).sort()).toEqual(
      ['', '.prov', '.rekor.json'].map((end) => `hello-0.1.0.tgz${end}`),
    );
    expect((await readFile(file)).equals(hello.archive)).toBe(true);
    const offline = await world.run(['verify', file, '--offline', ...world.knowing()]);
    expect(offline.status).toBe(0);
  });

  test('takes several, and stops at the first that is not good', async () => {
    const server = await serveFiles({
      '/hello-0.1.0.tgz': hello.archive,
      '/hello-0.1.0.tgz.prov': hello.provenance,
      '/other-0.1.0.tgz': hello.archive,
      '/other-0.1.0.tgz.prov': hello.provenance,
    });
    const to = await world.subdirectory(`to-${count}`);
    const at = (name: string) => `${server.url}/${name}-0.1.0.tgz`;
    const ran = await run(['pull', at('hello'), at('other'), at('none'), '-d', to]);
    expect(ran).toMatchObject({ status: 10, stdout: '' });
    expect((await readdir(to)).filter((name) => name.endsWith('.tgz'))).toEqual(['hello-0.1.0.tgz']);
  });

  test('refuses files, and a destination that is not there, before anything is fetched', async () => {
    expect(await run(['pull', hello.path])).toMatchObject({ status: 2, stdout: '' });
    const { status, stderr } = await run([
      'pull',
      'https://127.0.0.1:1/a-1.0.0.tgz',
      '-d',
      join(temporary, 'no'),
    ]);
    expect({ status, stderr }).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('no directory') as string,
    });
  });
});

describe('a chart that a Sigstore identity signed', () => {
  const sigstore = new ForgedSigstore();
  const rule =
    'rules:\n  - { name: a, charts: ["*"], origin: any, signedBy: [{ identity: a@example.com, issuer: "https://issuer.example" }] }';
  const byA = () => JSON.stringify(sigstore.message(hello.archive, sigstore.signer()));
  const byOther = () =>
    JSON.stringify(sigstore.message(hello.archive, sigstore.signer({ names: [email('b@example.com')] })));

  async function signed(bundle: string, provenance?: Uint8Array): Promise<string> {
    const path = join(await world.subdirectory(`signed-${count}`), 'hello-0.1.0.tgz');
    await writeFile(path, hello.archive);
    await writeFile(`${path}.sigstore.json`, bundle);
    if (provenance) await writeFile(`${path}.prov`, provenance);
    return path;
  }

  const byRule = async () => {
    await world.write('root.json', sigstore.trustedRoot());
    return await policy(`trustedRoot: root.json\n${rule}`);
  };

  test('reaches Helm by the rule that names it, and no other does', async () => {
    const good = await run(['template', 'x', await signed(byA())], await byRule());
    expect(good).toMatchObject({ status: 0, called: { sha256: sha256Hex(hello.archive) } });
    await rm(join(bin, 'called.json'));
    const bad = await run(['template', 'x', await signed(byOther())], await byRule());
    expect(bad).toMatchObject({ status: 10, called: undefined });
  });

  const naming = (name: string, issuer = 'https://issuer.example') => [
    '--certificate-identity',
    name,
    '--certificate-oidc-issuer',
    issuer,
  ];
  const two =
    '[{ identity: a@example.com, issuer: "https://issuer.example" }, { identity: "*@example.org", issuer: "https://issuer.example" }]';
  const pinned = () =>
    `[{ digest: "sha256:${sha256Hex(hello.archive)}", until: 2099-01-01, reason: reviewed }]`;

  // Whatever a flag names, a chart that the policy refuses does not pass, and one that it lets pass only by him.
  test.each([
    ['one of several who may sign, and did', `signedBy: ${two}`, ['a'], naming('a@example.com'), 0],
    ['one who may sign, where another did', `signedBy: ${two}`, ['org'], naming('a@example.com'), 10],
    ['one who may sign by a pattern, and did', `signedBy: ${two}`, ['org'], naming('b@example.org'), 0],
    ['another name of the pattern', `signedBy: ${two}`, ['org'], naming('c@example.org'), 10],
    ['one beside the one who counts first', `signedBy: ${two}`, ['a', 'org'], naming('b@example.org'), 0],
    ['one with another issuer', `signedBy: ${two}`, ['a'], naming('a@example.com', 'https://i.example'), 10],
    ['one who signed, and is not accepted', `signedBy: ${two}`, ['a', 'b'], naming('b@example.com'), 10],
    [
      'one who signed, where the rule only warns',
      `level: warn, signedBy: ${two}`,
      ['b'],
      naming('b@example.com'),
      10,
    ],
    [
      'one who signed nothing, where the rule only warns',
      `level: warn, signedBy: ${two}`,
      [],
      naming('a@example.com'),
      10,
    ],
    ['one who signed, where a digest counts', 'PINNED', ['a'], naming('a@example.com'), 10],
    ['one who signed, where a key of OpenPGP counts', 'signedBy: any', ['a'], naming('a@example.com'), 10],
    ['one who signed, where no rule is about it', '', ['a'], naming('a@example.com'), 10],
  ])('a flag narrows a policy: %s', async (_, members, signers, flags, wanted) => {
    const bundles = {
      a: sigstore.signer(),
      b: sigstore.signer({ names: [email('b@example.com')] }),
      org: sigstore.signer({ names: [email('b@example.org')] }),
    };
    const lines = signers.map((name) =>
      JSON.stringify(sigstore.message(hello.archive, bundles[name as keyof typeof bundles])),
    );
    const path = await signed(lines.join('\n'), members === 'signedBy: any' ? hello.provenance : undefined);
    if (lines.length === 0) await rm(`${path}.sigstore.json`);
    await world.write('root.json', sigstore.trustedRoot());
    const rules =
      members &&
      `rules: [{ name: a, charts: ["*"], ${members === 'PINNED' ? `signedBy: ${pinned()}` : members} }]`;
    const before = await policy(`trustedRoot: root.json\n${rules}\notherwise: allow`);
    const without = await run(['template', 'x', path], before);
    expect(without.status, without.stderr).toBe(0);
    await rm(join(bin, 'called.json'));
    const ran = await run(['template', 'x', path], [...before, ...flags]);
    expect(ran, ran.stderr).toMatchObject({ status: wanted });
    expect(ran.called === undefined).toBe(wanted !== 0);
    for (const command of [['verify'], ['policy', 'check'], ['policy', 'explain']]) {
      const { status, stderr } = await world.run([...command, path, ...before, ...flags]);
      expect(status, command.join(' ') + stderr).toBe(wanted);
    }
  });

  test('reaches Helm where a flag names its signer, without a policy, and no other does', async () => {
    const root = ['--trusted-root', await world.write('root.json', sigstore.trustedRoot())];
    const good = await run(['template', 'x', await signed(byA())], [...naming('a@example.com'), ...root]);
    expect(good).toMatchObject({ status: 0, called: { sha256: sha256Hex(hello.archive) } });
    await rm(join(bin, 'called.json'));
    const bad = await run(['template', 'x', await signed(byOther())], [...naming('a@example.com'), ...root]);
    expect(bad).toMatchObject({ status: 10, called: undefined });
  });

  test('is pulled with its bundle, and without a provenance of another chart', async () => {
    const foreign = await world.publisher.sign('hello', '0.1.0', 'another archive');
    const bundle = byA();
    const files = {
      '/hello-0.1.0.tgz': hello.archive,
      '/hello-0.1.0.tgz.bundle': bundle,
      '/hello-0.1.0.tgz.sigstore.json': byOther(),
    };
    for (const [provenance, more] of [
      [foreign, []],
      ['no provenance', []],
      [hello.provenance, ['hello-0.1.0.tgz.prov']],
    ] as const) {
      const { url } = await serveFiles({ ...files, '/hello-0.1.0.tgz.prov': provenance });
      const into = await world.subdirectory(`pulled-${count}-${more.length}`);
      const { status } = await run(['pull', `${url}/hello-0.1.0.tgz`, '--destination', into], await byRule());
      expect(status).toBe(0);
      const pulled = ['hello-0.1.0.tgz', ...more, 'hello-0.1.0.tgz.sigstore.json'];
      expect((await readdir(into)).sort()).toEqual(pulled);
      expect(await readFile(join(into, 'hello-0.1.0.tgz.sigstore.json'), 'utf8')).toBe(bundle);
    }
  });

  test('is pulled from a registry with the manifest that was signed there, so that it verifies offline', async () => {
    const { store, host } = await serveRegistry();
    const repository = 'charts/hello';
    const layer = store.addBlob(
      repository,
      hello.archive,
      'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
    );
    const [title, version] = ['org.opencontainers.image.title', 'org.opencontainers.image.version'];
    const manifest = JSON.stringify({
      schemaVersion: 2,
      config: store.addBlob(repository, '{}', 'application/vnd.cncf.helm.config.v1+json'),
      layers: [layer],
      annotations: { [title]: 'hello', [version]: '0.1.0' },
    });
    const subject = store.addManifest(repository, manifest, '0.1.0');
    const artifactType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
    const bundle = JSON.stringify(sigstore.message(Buffer.from(manifest), sigstore.signer()));
    store.addManifest(repository, {
      ...{ schemaVersion: 2, artifactType, subject },
      config: store.addBlob(repository, '{}', 'application/vnd.oci.empty.v1+json'),
      layers: [store.addBlob(repository, bundle, artifactType)],
    });
    const into = await world.subdirectory(`pulled-${count}`);
    const rule = await byRule();
    const reference = `oci://${host}/${repository}:0.1.0`;
    expect(await run(['pull', reference, '--destination', into], rule)).toMatchObject({ status: 0 });
    const path = join(into, 'hello-0.1.0.tgz');
    expect(await readFile(`${path}.manifest.json`, 'utf8')).toBe(manifest);
    expect(await world.run(['verify', path, ...rule])).toMatchObject({ status: 0 });
  });
});
