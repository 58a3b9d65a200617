import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parseChartLock } from '../../src/chart/dependencies/chart-lock.ts';
import { readDeclaredDependencies } from '../../src/chart/archive/dependencies.ts';
import { lockDifference } from '../../src/chart/dependencies/lock-agreement.ts';
import { chartArchive } from '../support/chart.ts';
import { ODD_CONTENTS } from '../support/odd-contents.ts';
import { World } from '../support/world/world.ts';
import { serveFiles, type FileServer } from './file-server.ts';
import { HelmSite } from './helm-site.ts';

const helms = inject('helms');

if (helms.length === 0) test.skip('dependencies are what they are for Helm (needs a Helm)', () => undefined);

describe.each(helms)('Helm $version', (helm) => {
  let world: World;
  let site: HelmSite;
  let server: FileServer;
  let parent: string;

  beforeAll(async () => {
    world = await World.open();
    site = await HelmSite.create(helm);
    const repository = path.join(site.directory, 'repository');
    await mkdir(repository);
    for (const [name, version] of [
      ['hello', '1.2.3'],
      ['hello', '1.10.0'],
      ['other', '0.1.0-rc.1'],
    ] as const) {
      const archive = await chartArchive(name, version);
      const file = path.join(repository, `${name}-${version}.tgz`);
      await writeFile(file, archive);
      await writeFile(`${file}.prov`, await world.publisher.sign(name, version, archive));
      expect((await world.runKnowing('upload', file, '--no-evidence')).status).toBe(0);
    }
    server = await serveFiles(repository);
    expect((await site.run(['repo', 'index', repository])).status).toBe(0);
    expect((await site.run(['repo', 'add', 'x', server.url])).status).toBe(0);
    parent = path.join(site.directory, 'parent');
    await mkdir(parent);
    await writeFile(path.join(parent, 'Chart.yaml'), chartYaml(server.url));
  });

  afterAll(async () => {
    await server.close();
    await site.remove();
    await world.close();
  });

  test('makes a lock that agrees with its Chart.yaml', async () => {
    const { status, stderr } = await site.run(['dependency', 'update', parent]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const declared = readDeclaredDependencies([await readFile(path.join(parent, 'Chart.yaml'))]);
    const lock = parseChartLock(await readFile(path.join(parent, 'Chart.lock')));
    expect(lockDifference(declared, lock, [{ name: 'x', address: server.url }])).toBeUndefined();
  });

  test('builds the same charts/ as dependency build of ours', async () => {
    const [helms, ours] = ['by-helm', 'by-us'].map((name) => path.join(site.directory, name)) as [
      string,
      string,
    ];
    for (const copy of [helms, ours]) {
      await cp(parent, copy, { recursive: true });
      await writeFile(path.join(copy, 'charts', 'hello-0.0.1.tgz'), await chartArchive('hello', '0.0.1'));
      await writeFile(path.join(copy, 'charts', '_note'), 'stays');
    }
    const built = await site.run(['dependency', 'build', helms]);
    expect(built.status).toBe(0);
    const env = {
      HELM_BIN: helm.path,
      HELM_REPOSITORY_CONFIG: path.join(site.env['HELM_CONFIG_HOME'] ?? '', 'repositories.yaml'),
      HELM_REPOSITORY_CACHE: path.join(site.env['HELM_CACHE_HOME'] ?? '', 'repository'),
      ...site.env,
    };
    const { status, stderr } = await world.run(['dependency', 'build', ours, ...world.knowing()], { env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '3 verified\n' });
    expect(await filesIn(path.join(ours, 'charts'))).toEqual(await filesIn(path.join(helms, 'charts')));
    const verified = await world.run(['verify', '--dependencies', helms, ...world.knowing()], { env });
    expect(verified).toMatchObject({ status: 0, stderr: '3 verified\n' });
  });

  test.each(ODD_CONTENTS)('renders of an archive with $what: $helm', async ({ bytes, helm: expected }) => {
    const archive = path.join(site.directory, 'odd.tgz');
    await writeFile(archive, await bytes());
    const { status, stdout } = await site.run(['template', 'r', archive]);
    const names = [...stdout.matchAll(/^metadata: \{ name: (\w+) \}/gm)].map(([, name = '']) => name).sort();
    expect(status === 0 ? names : 'refused').toEqual(expected);
  });
});

/** With names of repositories, two versions of one chart, and members that only the digest of the lock is over. */
const chartYaml = (url: string) => `apiVersion: v2
name: parent
version: 1.0.0
dependencies:
- name: hello
  alias: one
  version: ">=1.0.0 <1.10"
  repository: "@x"
  condition: one.enabled,global.a&b
  tags: [front, 1.10, yes]
  import-values:
  - data
  - child: default.data
    parent: my<data>
- name: hello
  alias: two
  version: 1.10.x
  repository: alias:x
- name: other
  version: ">=0.1.0-0"
  repository: ${url}/
`;

async function filesIn(directory: string): Promise<[name: string, content: string][]> {
  const names = (await readdir(directory)).sort();
  return await Promise.all(
    names.map(async (name): Promise<[string, string]> => {
      const content = await readFile(path.join(directory, name));
      return [name, content.toString('base64')];
    }),
  );
}
