import { copyFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tgzOf } from '../support/archives.ts';
import { writeSignedChart, type ChartOnDisk } from '../support/chart.ts';
import { createSigner } from '../support/signer.ts';
import { UnpackedParent, type ListedDependency } from '../support/unpacked-parent.ts';
import { World } from '../support/world/world.ts';

let world: World;
let hello: ChartOnDisk;
let old: ChartOnDisk;

const HELLO = { name: 'hello', version: '0.1.0', range: '^0.1.0' };

beforeAll(async () => {
  world = await World.open();
  hello = await world.loggedChart('hello');
  old = await writeSignedChart(await world.subdirectory('old'), world.publisher, {
    name: 'hello',
    version: '0.0.9',
  });
  const { status } = await world.runKnowing('upload', old.path, '--no-evidence');
  expect(status).toBe(0);
});

afterAll(async () => {
  await world.close();
});

let count = 0;

async function parentOf(
  required: readonly ListedDependency[] = [HELLO],
  locked?: readonly ListedDependency[],
): Promise<UnpackedParent> {
  return await UnpackedParent.create(await world.subdirectory(`parent-${count++}`), required, locked);
}

/** Puts an archive with its provenance into `charts/`. */
async function put(parent: UnpackedParent, chart: ChartOnDisk, name = 'hello-0.1.0.tgz'): Promise<string> {
  const path = await parent.write(`charts/${name}`, chart.archive);
  await parent.write(`charts/${name}.prov`, chart.provenance);
  return path;
}

async function verify(parent: { readonly path: string }, ...options: readonly string[]) {
  return await world.runKnowing('verify', '--dependencies', parent.path, ...options);
}

test('each archive in charts/ is verified as what the lock lists', async () => {
  const parent = await parentOf();
  const path = await put(parent, hello);
  const { status, stdout, stderr } = await verify(parent);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^Chart Verified Successfully From Helm entry:\n/);
  expect(stdout).toContain(`\nChart: ${path}\n`);
  expect(stdout).toMatch(/\nSubcharts: none\n$/);
});

test('JSON says whose dependency each is', async () => {
  const parent = await parentOf();
  const path = await put(parent, hello);
  const { status, stdout } = await verify(parent, '--output', 'json');
  expect({ status, document: JSON.parse(stdout) as unknown }).toMatchObject({
    status: 0,
    document: {
      counts: { good: 1 },
      results: [
        {
          chart: path,
          verdict: 'verified',
          dependency: {
            of: parent.path,
            name: 'hello',
            version: '0.1.0',
            repository: 'https://charts.example',
          },
          dependencies: [],
        },
      ],
    },
  });
});

describe('nothing is verified that is not what the lock lists', () => {
  const refused: [
    what: string,
    prepare: (parent: UnpackedParent) => Promise<unknown>,
    status: number,
    message: string | RegExp,
    required?: readonly ListedDependency[],
    locked?: readonly ListedDependency[],
  ][] = [
    [
      'an older version of the publisher under the name of the new one',
      (parent) => put(parent, old),
      10,
      'archive-name: the provenance signs a file of another name',
    ],
    [
      'an older version under its own name',
      (parent) => put(parent, old, 'hello-0.0.9.tgz'),
      10,
      'archive-name',
    ],
    [
      'an archive that was exchanged for another with the same name and version',
      async (parent) => {
        await put(parent, hello);
        await parent.write(
          'charts/hello-0.1.0.tgz',
          await tgzOf(
            ['hello/Chart.yaml', 'apiVersion: v2\nname: hello\nversion: 0.1.0\n'],
            ['hello/templates/evil.yaml', 'x'],
          ),
        );
      },
      10,
      'archive-digest: the archive is not the one that was signed',
    ],
    [
      'a chart that a stranger signed',
      async (parent) => {
        const stranger = await createSigner({ userIds: ['Mallory <m@evil.example>'] });
        await put(parent, await world.chart('hello', stranger));
      },
      10,
      'provenance-signature',
    ],
    [
      'an archive without a provenance',
      (parent) => parent.write('charts/hello-0.1.0.tgz', hello.archive),
      3,
      'expected HELM_BIN to name the Helm that resolves this chart',
    ],
    ['an empty charts/', () => Promise.resolve(), 3, 'lists "hello" "0.1.0", and it is not in'],
    [
      'one of two',
      (parent) => put(parent, hello),
      3,
      'lists "other" "1.0.0", and it is not in',
      [HELLO, { name: 'other', version: '1.0.0' }],
    ],
    [
      'an archive that nobody lists, though it is signed and logged',
      async (parent) => {
        await put(parent, hello);
        const other = await world.loggedChart('undeclared');
        await put(parent, other, 'undeclared-0.1.0.tgz');
      },
      10,
      /undeclared-0\.1\.0\.tgz is "undeclared" "0\.1\.0", which .*Chart\.lock does not list: Helm renders it all the same/,
    ],
    [
      'a directory beside the archives',
      async (parent) => {
        await put(parent, hello);
        await parent.write('charts/evil/Chart.yaml', 'apiVersion: v2\nname: evil\nversion: 1.0.0\n');
      },
      10,
      'charts/evil is an unpacked chart: nobody signed what is in a directory, and Helm renders it though it is not listed',
    ],
    [
      'the unpacked chart in place of the archive',
      (parent) => parent.write('charts/hello/Chart.yaml', 'apiVersion: v2\nname: hello\nversion: 0.1.0\n'),
      10,
      'charts/hello is an unpacked chart: nobody signed what is in a directory',
    ],
    [
      'a chart that was made of a directory',
      (parent) => parent.write('charts/hello-0.1.0.tgz', hello.archive),
      10,
      'hello-0.1.0.tgz was made of "file://../hello": nobody signed it',
      [{ ...HELLO, repository: 'file://../hello' }],
    ],
    [
      'a chart that comes from no repository',
      (parent) => parent.write('charts/hello-0.1.0.tgz', hello.archive),
      10,
      'hello-0.1.0.tgz comes from no repository: nobody signed it',
      [{ ...HELLO, repository: '' }],
    ],
    [
      'a lock that lists an older version than Chart.yaml asks for, with a digest that fits',
      (parent) => put(parent, old, 'hello-0.0.9.tgz'),
      10,
      'Chart.lock is out of date: Chart.yaml asks for "hello" "^0.1.0", and it lists "0.0.9"',
      [HELLO],
      [{ name: 'hello', version: '0.0.9' }],
    ],
    [
      'a lock from before Chart.yaml was changed',
      async (parent) => {
        await put(parent, hello);
        await parent.write(
          'Chart.yaml',
          JSON.stringify({
            apiVersion: 'v2',
            name: 'parent',
            version: '1.0.0',
            dependencies: [{ name: 'hello', version: '>=0.1.0', repository: 'https://charts.example' }],
          }),
        );
      },
      10,
      'Chart.lock is out of date: Chart.yaml was changed since',
    ],
    [
      'no lock',
      async (parent) => {
        await put(parent, hello);
        await rm(join(parent.path, 'Chart.lock'));
      },
      3,
      'has dependencies, and no Chart.lock that says which versions they are',
    ],
    [
      'a lock that is none',
      async (parent) => {
        await put(parent, hello);
        await parent.write('Chart.lock', '{');
      },
      3,
      'Chart.lock: expected YAML',
    ],
    [
      'another lock of old beside it, which Helm takes',
      async (parent) => {
        await put(parent, hello);
        await parent.write('requirements.lock', 'dependencies: []\ndigest: sha256:0\n');
      },
      10,
      'requirements.lock is out of date: Chart.yaml asks for 1 charts, and it lists 0',
    ],
    [
      'a second list of dependencies, in requirements.yaml',
      async (parent) => {
        await put(parent, hello);
        await parent.write('requirements.yaml', 'dependencies: []\n');
      },
      3,
      'expected one list of dependencies',
    ],
    [
      'a link as the archive that leads out of the chart',
      async (parent) => {
        await mkdir(join(parent.path, 'charts'));
        await symlink(hello.path, join(parent.path, 'charts/hello-0.1.0.tgz'));
        await parent.write('charts/hello-0.1.0.tgz.prov', hello.provenance);
      },
      3,
      'is a symbolic link that leads out of the chart',
    ],
    [
      'a link as charts/ that leads out of the chart',
      (parent) => symlink(join(hello.path, '..'), join(parent.path, 'charts')),
      3,
      'is a symbolic link that leads out of the chart',
    ],
    [
      'a link as the lock that leads out of the chart',
      async (parent) => {
        await put(parent, hello);
        await rm(join(parent.path, 'Chart.lock'));
        await symlink('/etc/passwd', join(parent.path, 'Chart.lock'));
      },
      3,
      'is a symbolic link that leads out of the chart',
    ],
    [
      'a link that leads nowhere',
      async (parent) => {
        await put(parent, hello);
        await symlink('nowhere', join(parent.path, 'charts/x.tgz'));
      },
      3,
      'x.tgz leads nowhere',
    ],
    [
      'a name that leads out of charts/',
      () => Promise.resolve(),
      3,
      'lists "../../hello" "0.1.0", and it is not in',
      [{ name: '../../hello', version: '0.1.0' }],
    ],
    [
      'more files than any chart has',
      async (parent) => {
        await put(parent, hello);
        const folder = join(parent.path, 'charts');
        await Promise.all(Array.from({ length: 10_000 }, (_, at) => writeFile(join(folder, `x${at}`), '')));
      },
      3,
      'expected at most 10000 files in',
    ],
    [
      'an archive that is none',
      async (parent) => {
        await put(parent, hello);
        await parent.write('charts/evil.tgz', 'x');
      },
      3,
      'charts/evil.tgz is no packaged chart',
    ],
  ];
  test.each(refused)('%s', async (_, prepare, status, message, required, locked) => {
    const parent = await parentOf(required, locked);
    await prepare(parent);
    const { status: found, stderr } = await verify(parent);
    expect(stderr).toMatch(message);
    expect(found).toBe(status);
  });
});

test('a chart that was made of a directory is verified if its provenance is beside it', async () => {
  const parent = await parentOf([{ ...HELLO, repository: 'file://../hello' }]);
  await put(parent, hello);
  expect(await verify(parent)).toMatchObject({ status: 0, stderr: '' });
});

test('a policy has the rule of its name for one that comes from no repository', async () => {
  await copyFile(world.keyring, join(world.directory, 'publisher.gpg'));
  await copyFile(world.log.publicKeyPath, join(world.directory, 'log.pem'));
  const parents = await Promise.all(
    ['file://../hello', ''].map(
      async (repository) =>
        await parentOf([{ ...HELLO, repository, ...(!repository && { version: '^0.1.0' }) }]),
    ),
  );
  for (const parent of parents) {
    await put(parent, hello);
    for (const [charts, status] of [
      ['hello', 0],
      ['other', 10],
      ['https://**', 10],
    ] as const) {
      const policy = await world.write(
        'policy.yaml',
        `version: 1\nkeys: [publisher.gpg]\nlogs: [{ url: "${world.log.url}", publicKeys: [log.pem] }]\nrules: [{ name: it, charts: ["${charts}"], signedBy: any }]\n`,
      );
      expect(await world.run(['verify', '--dependencies', parent.path, '--policy', policy])).toMatchObject({
        status,
      });
    }
  }
});

test('of a chart from no repository the range of Chart.yaml counts', async () => {
  const within = await parentOf([{ name: 'hello', version: '^0.1.0', repository: '' }]);
  await put(within, hello);
  expect(await verify(within)).toMatchObject({ status: 0, stderr: '' });
  const outside = await parentOf([{ name: 'hello', version: '^0.2.0', repository: '' }]);
  await put(outside, hello);
  expect((await verify(outside)).status).toBe(10);
});

test('a chart that is listed twice, under two aliases, is one file', async () => {
  const parent = await parentOf([HELLO, HELLO]);
  await put(parent, hello);
  const { status, stdout, stderr } = await verify(parent);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.match(/^Chart: /gm)).toHaveLength(1);
});

test('what Helm does not look at is left alone', async () => {
  const parent = await parentOf();
  await put(parent, hello);
  await parent.write('charts/_evil.tgz', 'x');
  await parent.write('charts/.evil/Chart.yaml', 'x');
  await parent.write('charts/README.md', 'x');
  expect(await verify(parent)).toMatchObject({ status: 0, stderr: '' });
});

test('a chart without dependencies is said to have none', async () => {
  const path = await world.subdirectory('alone');
  await writeFile(join(path, 'Chart.yaml'), 'apiVersion: v2\nname: alone\nversion: 1.0.0\n');
  const text = await verify({ path });
  expect(text).toMatchObject({ status: 0, stdout: `No Dependencies: ${path}\n`, stderr: '' });
  const { stdout } = await verify({ path }, '--output', 'json');
  expect(JSON.parse(stdout)).toMatchObject({ results: [{ chart: path, dependencies: [] }] });
});

test('and with charts in its charts/ all the same it is rejected', async () => {
  const path = await world.subdirectory('not-alone');
  const parent = new UnpackedParent(path);
  await parent.write('Chart.yaml', 'apiVersion: v2\nname: alone\nversion: 1.0.0\n');
  await put(parent, hello);
  const { status, stderr } = await verify(parent);
  expect(stderr).toContain(`which the Chart.yaml of ${path} does not list`);
  expect(status).toBe(10);
});

test('offline, the evidence beside an archive proves it', async () => {
  const parent = await parentOf();
  const path = await put(parent, hello);
  expect((await world.runKnowing('evidence', path)).status).toBe(0);
  const { status, stdout } = await verify(parent, '--offline');
  expect(stdout).toContain(`Evidence: ${path}.rekor.json`);
  expect(status).toBe(0);
});

test('without --dependencies an unpacked chart is no operand', async () => {
  const parent = await parentOf();
  await put(parent, hello);
  const { status, stderr } = await world.runKnowing('verify', parent.path);
  expect(stderr).toContain('is an unpacked chart');
  expect(status).toBe(3);
});

test('--dependencies is not of mirrors', async () => {
  const { status, stderr } = await world.runKnowing('verify', '--dependencies', '--mirror', world.directory);
  expect(stderr).toContain('expected --mirror alone, found --dependencies as well');
  expect(status).toBe(2);
});

describe('a packed chart', () => {
  const yaml = (name: string, more = '') => `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n${more}`;
  let umbrella: string;

  beforeAll(async () => {
    const archive = await tgzOf(
      ['um/Chart.yaml', yaml('um', 'dependencies: [{ name: hello, version: ^0.1.0 }]\n')],
      ['um/charts/hello/Chart.yaml', yaml('hello')],
      ['um/charts/hello/charts/deep.tgz', await tgzOf(['deep/Chart.yaml', yaml('deep')])],
      ['um/charts/evil/Chart.yaml', yaml('"evil\\e[2J"')],
    );
    const path = await world.subdirectory('um');
    umbrella = join(path, 'um-0.1.0.tgz');
    await writeFile(umbrella, archive);
    await writeFile(`${umbrella}.prov`, await world.publisher.sign('um', '0.1.0', archive));
    expect((await world.runKnowing('upload', umbrella, '--no-evidence')).status).toBe(0);
  });

  const LINES = [
    'Subchart: hello 0.1.0 in charts/hello',
    'Subchart: deep 0.1.0 in charts/hello/charts/deep.tgz',
    'Subchart: evil[2J 0.1.0 in charts/evil',
  ];
  const WARNINGS = [
    'charts/hello/charts/deep.tgz is deep 0.1.0: Chart.yaml of charts/hello does not ask for it, and Helm renders it all the same',
    'charts/evil is evil[2J 0.1.0: Chart.yaml does not ask for it, and Helm renders it all the same',
  ];

  test('is verified as a whole, and the charts in it are listed', async () => {
    const { status, stdout } = await world.runKnowing('verify', '--dependencies', umbrella);
    expect(stdout).toContain([...LINES, ...WARNINGS.map((warning) => `Warning: ${warning}`), ''].join('\n'));
    expect(status).toBe(0);
  });

  test('is inspected with the charts in it', async () => {
    const { status, stdout } = await world.run(['inspect', umbrella, '--keyring', world.keyring]);
    expect(stdout).toContain(`\n${LINES.join('\n')}\n`);
    for (const warning of WARNINGS) expect(stdout).toContain(`\nWarning: ${warning}\n`);
    expect(status).toBe(0);
  });

  test.each(['inspect', 'verify'])('has them in the JSON of %s', async (command) => {
    const options =
      command === 'verify' ? ['--dependencies', ...world.knowing()] : ['--keyring', world.keyring];
    const { stdout } = await world.run([command, umbrella, ...options, '--output', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      results: [
        {
          dependencies: [
            { path: 'charts/hello', name: 'hello', version: '0.1.0', declared: true },
            { path: 'charts/hello/charts/deep.tgz', name: 'deep', version: '0.1.0', declared: false },
            { path: 'charts/evil', declared: false },
          ],
          warnings: WARNINGS,
        },
      ],
    });
  });

  test('that is not verified is not looked into', async () => {
    const path = join(await world.subdirectory('changed'), 'um-0.1.0.tgz');
    await copyFile(hello.path, path);
    await copyFile(`${umbrella}.prov`, `${path}.prov`);
    const { status, stdout } = await world.runKnowing('verify', '--dependencies', path);
    expect(stdout).not.toContain('Subchart');
    expect(status).toBe(10);
  });
});
