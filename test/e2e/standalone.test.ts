import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { load } from 'js-yaml';
import { extract, type Header } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { placeRuntime, runtimeOfThisMachine } from '../../scripts/bun.mjs';
import { startLog, type RunningLog } from '../../scripts/embedded-log.mjs';
import { makeExecutable } from '../../scripts/package-standalone.mjs';
import { targetOfThisMachine } from '../../scripts/standalone.mjs';
import { commandTree } from '../../src/program/command-tree.ts';
import { CHECK_IDS } from '../../src/verification/openpgp-rekor.ts';
import { listen } from '../support/loopback.ts';
import { serveTlsBefore } from '../support/tls-front.ts';
import { signatureOf } from './macho.ts';

const { archive } = inject('release');
const examples = path.join(import.meta.dirname, '..', '..', 'examples');
const target = targetOfThisMachine();
/** The executable that the archive holds. */
const program = path.join(path.dirname(archive), `helm-sigstore-${target}`);

let directory: string;
/** What all runs share; it has no variable of Node or Bun, and no PATH. */
let env: Record<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'standalone-'));
  env = { HOME: path.join(directory, 'home'), HELM_SIGSTORE_HOME: path.join(directory, 'state') };
  await mkdir(path.join(directory, 'home'));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

interface Ended {
  readonly status: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program, alone or below another one. */
async function start(command: readonly string[], cwd: string, others = {}): Promise<Ended> {
  const [file = '', ...argv] = command;
  return new Promise((resolve) => {
    execFile(file, argv, { cwd, env: { ...env, ...others }, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

test('the executable is the same, to the byte, when it is made elsewhere again', async () => {
  const again = await makeExecutable(target, path.join(directory, 'made again'));
  const [first, second] = await Promise.all([readFile(program), readFile(again)]);
  expect(second.equals(first)).toBe(true);
  const digest = createHash('sha256').update(first).digest('hex');
  expect(await readFile(`${program}.sha256`, 'utf8')).toBe(`${digest}  ${path.basename(program)}\n`);
});

describe('the archive', () => {
  const headers = new Map<string, Header>();
  const texts = new Map<string, string>();
  let digest = '';

  beforeAll(async () => {
    for await (const entry of Readable.from([gunzipSync(await readFile(archive))]).pipe(extract())) {
      const { name } = entry.header;
      headers.set(name, entry.header);
      const bytes = await buffer(entry);
      if (name === 'sigstore/bin/helm-sigstore') digest = createHash('sha256').update(bytes).digest('hex');
      else texts.set(name, bytes.toString());
    }
  });

  test('has its platform in its name, its digest beside it, and less than 65 MB', async () => {
    expect(path.basename(archive)).toBe(`sigstore-${packageJson.version}-${target}.tgz`);
    const found = createHash('sha256')
      .update(await readFile(archive))
      .digest('hex');
    expect(await readFile(`${archive}.sha256`, 'utf8')).toBe(`${found}  ${path.basename(archive)}\n`);
    expect((await stat(archive)).size).toBeLessThan(65_000_000);
  });

  test.each([
    ['plugin.yaml', 'sigstore/bin/helm-sigstore'],
    ['sigstore/plugin.yaml', 'bin/helm-sigstore'],
  ])('%s names the executable as the command, which is the one beside the archive', async (file, command) => {
    expect(load(texts.get(file) ?? '')).toMatchObject({ command: `$HELM_PLUGIN_DIR/${command}` });
    expect(headers.get('sigstore/bin/helm-sigstore')).toMatchObject({ mode: 0o755 });
    expect(await readFile(`${program}.sha256`, 'utf8')).toContain(digest);
  });

  test('has nothing that would start Node', () => {
    const starting = [...texts].filter(([name, text]) =>
      /^(?:#!.*|command: *)\bnode\b/m.test(`${name}\n${text}`),
    );
    expect(starting.map(([name]) => name)).toEqual([]);
  });

  test('says under which licences the runtime and the packages in it are, and brings their texts', () => {
    const notice = texts.get('sigstore/NOTICE') ?? '';
    for (const text of ['Bun', 'JavaScriptCore', 'openpgp ', 'undici ', 'commander '])
      expect(notice).toContain(text);
    for (const [, file = ''] of notice.matchAll(/licences\/([\w.-]+\.(?:txt|md))/g))
      expect([...texts.keys()]).toContain(`sigstore/licences/${file}`);
    expect(texts.get('sigstore/licences/Bun.md')).toContain('HELM_SIGSTORE_BUN');
    expect(texts.get('sigstore/licences/openpgp.txt')).toContain('GNU LESSER GENERAL PUBLIC LICENSE');
  });
});

test('doctor says that this is the standalone executable', async () => {
  const { stdout } = await start([program, 'doctor', '--rekor-server', 'http://127.0.0.1:9'], directory);
  expect(stdout).toMatch(/^ok +Runtime +Bun \S+, in the standalone executable /m);
});

describe('in a directory whose files Bun and Node would obey', () => {
  let log: RunningLog;
  let marker: string;
  const folders = { hostile: '', clean: '' };

  beforeAll(async () => {
    marker = path.join(directory, 'obeyed');
    log = await startLog(path.join(directory, 'log'), env, { program });
    for (const name of ['hostile', 'clean'] as const) {
      folders[name] = path.join(directory, name);
      await cp(examples, folders[name], { recursive: true });
    }
    const code = `require('node:fs').writeFileSync(${JSON.stringify(marker)}, 'obeyed');`;
    const files = {
      '.env': 'HELM_DEBUG=true\nREKOR_SERVER=http://127.0.0.1:9\nHELM_SIGSTORE_POLICY=none.yaml\n',
      '.env.production': 'HELM_DEBUG=true\nNO_COLOR=1\n',
      '.env.local': 'HELM_DEBUG=true\n',
      'bunfig.toml': 'preload = ["./evil.cjs"]\n[run]\npreload = ["./evil.cjs"]\n',
      '.bunfig.toml': 'preload = ["./evil.cjs"]\n',
      'evil.cjs': code,
      'package.json': JSON.stringify({
        name: 'helm-sigstore',
        type: 'module',
        main: './evil.cjs',
        scripts: { verify: 'false', version: 'false', postinstall: 'false' },
        imports: { '#x': './evil.cjs' },
        exports: './evil.cjs',
        browser: { 'node:fs': './evil.cjs', 'node:crypto': './evil.cjs' },
      }),
      'tsconfig.json': JSON.stringify({
        compilerOptions: { baseUrl: '.', paths: { '*': ['./evil.cjs'], 'node:fs': ['./evil.cjs'] } },
      }),
      'entry.cjs': code,
      'dist/helm-sigstore.cjs': code,
      'node_modules/node:fs/index.js': code,
      'node_modules/undici/index.js': code,
      'node_modules/openpgp/index.js': code,
    };
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(folders.hostile, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
    }
  });

  afterAll(async () => {
    await log.stop();
  });

  test('Bun itself obeys them, so they are hostile', async () => {
    const bun = path.join(directory, 'bun');
    await placeRuntime(runtimeOfThisMachine(), bun);
    const printed = await start([bun, '--print', 'process.env.HELM_DEBUG'], folders.hostile);
    expect(printed).toMatchObject({ stdout: 'true\n' });
    await start([bun, 'run', './entry.cjs'], folders.hostile);
    expect(existsSync(marker)).toBe(true);
    await rm(marker);
  });

  test('every command says what it says elsewhere, and runs none of them', async () => {
    const tree = await commandTree();
    const names = tree.commands.flatMap((command) => {
      const inner = command.commands.map((each) => [command.name(), each.name()]);
      return inner.length > 0 ? inner : [[command.name()]];
    });
    expect(names.length).toBeGreaterThan(30);
    const trust = ['--rekor-server', log.url, '--rekor-public-key', log.publicKey];
    const working = ['upload', 'search', 'verify', 'evidence'].map((name) => [
      ...[name, 'hello-0.1.0.tgz', ...trust],
      ...(name === 'search' ? [] : ['--keyring', 'publisher.asc']),
    ]);
    working[0]?.push('--no-evidence');
    const commandLines = [
      ...working,
      ['inspect', 'hello-0.1.0.tgz', '--keyring', 'publisher.asc'],
      ['version', '--output', 'json'],
      ...names
        .filter((words) => words.join(' ') !== 'log serve')
        .flatMap((words) => [words, [...words, '--help']]),
    ];
    const differing = [];
    for (const argv of commandLines) {
      const run = (name: keyof typeof folders) =>
        start([program, ...argv], folders[name], { HELM_SIGSTORE_HOME: `${folders[name]}-state` });
      const [there, here] = [await run('clean'), await run('hostile')];
      if (!isSame(argv, there, here)) differing.push({ argv, there, here });
    }
    expect(differing).toEqual([]);
    expect(existsSync(marker)).toBe(false);
    expect((await readdir(folders.clean)).filter((name) => name.endsWith('.rekor.json'))).toHaveLength(1);
  });

  test('the action runs by it where there is no Node, and obeys none of them', async () => {
    const programs = path.join(directory, 'programs');
    await mkdir(programs);
    await symlink(program, path.join(programs, 'helm-sigstore'));
    const output = path.join(directory, 'action-output');
    const inputs = {
      ...{ PATH: programs, CHARTS: 'hello-0.1.0.tgz', KEYRING: 'publisher.asc', GITHUB_OUTPUT: output },
      ...{
        REKOR_SERVER: log.url,
        SIGSTORE_REKOR_PUBLIC_KEY: log.publicKey,
        BUN_OPTIONS: '--preload ./evil.cjs',
      },
    };
    const step = path.join(import.meta.dirname, '..', '..', 'scripts', 'action.sh');
    for (const name of ['build', 'charts'])
      expect(await start([step, name], folders.hostile, inputs)).toMatchObject({ status: 0 });
    expect(await readFile(output, 'utf8')).toContain('verdict<<END\nverified\nEND\n');
    expect(existsSync(marker)).toBe(false);
    expect(await start([step, 'charts'], folders.hostile, { ...inputs, PATH: directory })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('found neither') as string,
    });
  });

  /** Whether two runs said the same; of two uploads of one chart, the second says that the log has it. */
  function isSame(argv: readonly string[], there: Ended, here: Ended): boolean {
    if (argv[0] === 'upload' && there.status === 0) return here.status === 0;
    const said = ({ status, stdout, stderr }: Ended) =>
      JSON.stringify([status, stdout, stderr]).replaceAll(folders.hostile, folders.clean);
    return said(there) === said(here);
  }
});

describe('over TLS', () => {
  let log: RunningLog;

  beforeAll(async () => {
    log = await startLog(path.join(directory, 'log over TLS'), env, { program });
    const chart = path.join(examples, 'hello-0.1.0.tgz');
    const keyring = ['--keyring', path.join(examples, 'publisher.asc')];
    const trust = ['--rekor-server', log.url, '--rekor-public-key', log.publicKey];
    const uploaded = await start(
      [program, 'upload', chart, '--no-evidence', ...keyring, ...trust],
      directory,
    );
    expect(uploaded).toMatchObject({ status: 0 });
  });

  afterAll(async () => {
    await log.stop();
  });

  async function verify(url: string, options: readonly string[] = [], others = {}): Promise<Ended> {
    const argv = ['verify', 'hello-0.1.0.tgz', '--keyring', 'publisher.asc', '--rekor-server', url];
    return await start([program, ...argv, '--rekor-public-key', log.publicKey, ...options], examples, others);
  }

  test('a private authority is believed where it is named, in every way, and nowhere else', async () => {
    const front = await serveTlsBefore(log);
    const ca = path.join(directory, 'ca.pem');
    await writeFile(ca, front.ca);
    expect(await verify(front.url)).toMatchObject({
      status: 5,
      stderr: expect.stringContaining('its certificate is not trusted') as string,
    });
    expect(await verify(front.url, ['--ca-file', ca])).toMatchObject({ status: 0 });
    for (const name of ['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])
      expect(await verify(front.url, [], { [name]: ca })).toMatchObject({ status: 0 });
  });

  test('through a proxy, a server is believed by its own name only', async () => {
    const front = await serveTlsBefore(log, 'log.test');
    const ca = path.join(directory, 'ca of log.test.pem');
    await writeFile(ca, front.ca);
    const asked: (string | undefined)[] = [];
    const proxy = createServer().on('connect', (request, client: Socket) => {
      asked.push(request.url);
      const server = connect(Number(new URL(front.url).port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        client.pipe(server).pipe(client);
      });
      for (const [one, other] of [
        [server, client],
        [client, server],
      ] as const)
        one.on('error', () => other.destroy());
    });
    const others = { HTTPS_PROXY: `http://127.0.0.1:${await listen(proxy)}` };
    expect(await verify('https://log.test', ['--ca-file', ca], others)).toMatchObject({ status: 0 });
    expect(await verify('https://other.test', ['--ca-file', ca], others)).toMatchObject({
      status: 5,
      stderr: expect.stringContaining('its certificate is for another host') as string,
    });
    expect([...new Set(asked)]).toEqual(['log.test:443', 'other.test:443']);
  });
});

test('a variable by which other code comes in is the user’s: it is obeyed, and the downloader warns of it', async () => {
  const marker = path.join(directory, 'preloaded');
  const file = path.join(directory, 'preload.cjs');
  await writeFile(file, `require('node:fs').writeFileSync(${JSON.stringify(marker)}, '');`);
  const ran = await start(
    [program, 'getter', '--', '', '', '', 'sigstore+https://127.0.0.1:9/index.yaml'],
    directory,
    {
      BUN_OPTIONS: `--preload ${file}`,
    },
  );
  expect(existsSync(marker)).toBe(true);
  expect(ran).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('BUN_OPTIONS is set') as string,
  });
});

test.each(['darwin-arm64', 'darwin-amd64'] as const)(
  'the executable for %s has an ad-hoc signature that fits each of its pages',
  async (mac) => {
    const signature = signatureOf(await readFile(await makeExecutable(mac, path.join(directory, mac))));
    expect(signature).toMatchObject({ isAdHoc: true, wrongPages: 0 });
    expect(signature.pages).toBeGreaterThan(20_000);
  },
);

const qemu = '/usr/bin/qemu-aarch64';
const libraries = '/usr/aarch64-linux-gnu';

describe.runIf(existsSync(qemu) && existsSync(libraries))(
  'the executable for linux-arm64, below an emulator (needs qemu-user and libc6-arm64-cross)',
  () => {
    let emulated: string[];

    beforeAll(async () => {
      const file = await makeExecutable('linux-arm64', path.join(directory, 'arm64'));
      emulated = [qemu, '-L', libraries, file];
    });

    test('says its version', async () => {
      expect(await start([...emulated, 'version'], directory)).toMatchObject({
        status: 0,
        stdout: `${packageJson.version}\n`,
      });
    });

    test('inspects a chart, and verifies it by its evidence without a network', async () => {
      const folder = path.join(directory, 'for arm64');
      await cp(examples, folder, { recursive: true });
      const log = await startLog(path.join(directory, 'log for arm64'), env, { program });
      const trust = ['--rekor-server', log.url, '--rekor-public-key', log.publicKey];
      const chart = ['hello-0.1.0.tgz', '--keyring', 'publisher.asc'];
      expect(await start([program, 'upload', ...chart, ...trust], folder)).toMatchObject({ status: 0 });
      await log.stop();
      expect(await start([...emulated, 'inspect', ...chart], folder)).toMatchObject({ status: 0 });
      const verified = await start([...emulated, 'verify', '--offline', ...chart, ...trust], folder);
      expect(verified).toMatchObject({
        status: 0,
        stdout: expect.stringContaining(`${CHECK_IDS.length} passed`) as string,
      });
    });
  },
);
