import { copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspect } from '../../src/commands/inspect.ts';
import { keys } from '../../src/commands/keys.ts';
import { mirror } from '../../src/commands/mirror.ts';
import { search } from '../../src/commands/search.ts';
import { upload } from '../../src/commands/upload.ts';
import { verify } from '../../src/commands/verify.ts';
import type { Ran } from '../support/program.ts';
import { serveRegistry } from '../support/registry/server.ts';
import { UnpackedParent } from '../support/unpacked-parent.ts';
import { World } from '../support/world/world.ts';

const CHART = 'hello-0.1.0.tgz';
const REGISTRY = 'registry.example.com';
/** A chart of a configured repository is pulled by a real Helm: test/registries does so. */
const NEEDS_HELM = /^\S+ example\/hello /;
/** The signature of examples/ is one of those that a Rekor v2 refuses: upload-v2.test.ts has others. */
const NEEDS_REKOR_V2 = / --rekor-version 2 /;
/** Nobody signed it by an identity: test/commands/mirror-bundles.test.ts has charts that somebody did. */
const NEEDS_BUNDLE = / --certificate-identity /;

let world: World;
let directory: string;

beforeAll(async () => {
  world = await World.open();
  directory = join(world.directory, 'examples');
  await cp(join(import.meta.dirname, '..', '..', 'examples'), directory, { recursive: true });
  // What an example names beside the files of examples/.
  await UnpackedParent.create(join(directory, 'hello'), [{ name: 'hello', version: '0.1.0' }]);
  for (const folder of ['mirror', 'charts', 'hello/charts']) {
    await mkdir(join(directory, folder));
    for (const file of [CHART, `${CHART}.prov`])
      await copyFile(join(directory, file), join(directory, folder, file));
  }
  const entries = { hello: [{ name: 'hello', version: '0.1.0', urls: [CHART] }] };
  await world.write('examples/index.yaml', dump({ apiVersion: 'v1', entries }));
  expect(await run(`upload ${CHART}`)).toMatchObject({ status: 0 });
});

afterAll(async () => {
  await world.close();
});

/** Runs an example where the files are, with the log of the world in place of one of its own or that of others. */
async function run(example: string): Promise<Ran> {
  const registry = example.includes(REGISTRY) ? await registryWithChart() : REGISTRY;
  const argv = example
    .replace('https://rekor.example.com', world.log.url)
    .replace(REGISTRY, registry)
    .replace('*.tgz', CHART)
    .split(' ');
  const before = process.cwd();
  process.chdir(directory);
  try {
    const env = {
      REKOR_SERVER: world.log.url,
      SIGSTORE_REKOR_PUBLIC_KEY: world.log.publicKeyPath,
      KEYRING: 'publisher.asc',
    };
    return await world.run(argv, { env });
  } finally {
    process.chdir(before);
  }
}

/** The host of a registry with the chart. */
async function registryWithChart(): Promise<string> {
  const { host, store } = await serveRegistry();
  const [archive, provenance] = await Promise.all(
    [CHART, `${CHART}.prov`].map((file) => readFile(join(directory, file))),
  );
  store.addChart('charts/hello', archive ?? '', '0.1.0', provenance?.toString());
  return host;
}

describe('each example in the help does what it says with the files of examples/', () => {
  // What a mirror makes, verify reads.
  const examples = [upload, mirror, search, verify, inspect, keys].flatMap(({ examples }) => examples);
  const needs = [NEEDS_HELM, NEEDS_REKOR_V2, NEEDS_BUNDLE];
  const here = examples.filter((example) => !needs.some((need) => need.test(example)));
  test.each(here)('helm sigstore %s', async (example) => {
    const { status, stdout } = await run(example);
    expect(status).toBe(0);
    expect(stdout).toMatch(/hello-0\.1\.0\.tgz|sha256:f649ba|F1225FFF/i);
  });
});

test('the chart that packages have to try the plugin on is proven offline by its policy, and a changed one is not', async () => {
  const folder = join(import.meta.dirname, '..', '..', 'examples', 'logged');
  const copy = join(world.directory, 'tampered');
  await cp(folder, copy, { recursive: true });
  await writeFile(join(copy, CHART), Buffer.concat([await readFile(join(copy, CHART)), Buffer.of(0)]));
  const verify = (from: string) =>
    world.run(['verify', join(from, CHART), '--offline', '--policy', join(from, 'policy.yaml')]);
  expect(await verify(folder)).toMatchObject({ status: 0, stderr: '' });
  expect(await verify(copy)).toMatchObject({ status: 10 });
  for (const file of [CHART, `${CHART}.prov`, 'publisher.asc'])
    expect(await readFile(join(folder, file))).toEqual(await readFile(join(folder, '..', file)));
});
