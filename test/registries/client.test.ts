import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parseSha256 } from '../../src/digest.ts';
import { onlyThese } from '../../src/http/authorities.ts';
import { attach } from '../../src/registry/attachment.ts';
import { readBlob } from '../../src/registry/blobs.ts';
import { CredentialFiles } from '../../src/registry/credentials.ts';
import { fetchManifest } from '../../src/registry/manifests.ts';
import { findReferrers } from '../../src/registry/referrers.ts';
import { Registries } from '../../src/registry/registries.ts';
import type { RemoteRepository } from '../../src/registry/remote-repository.ts';
import { listTags } from '../../src/registry/tags.ts';
import { testClient, testDeadline } from '../http/client.ts';
import { identityLogins, logins } from './world/logins.ts';
import { Oras } from './world/oras.ts';
import { REGISTRIES } from './world/places.ts';
import { RawRepository } from './world/raw-registry.ts';
import { RegistryWorld } from './world/registry-world.ts';

const TYPE = 'application/vnd.example.test.v1+json';

const binaries = inject('registries');
const release = inject('release');
const helms = inject('helms');

const title = 'the client of registries (needs real registries)';
describe.skipIf(binaries === undefined || helms.length === 0)(title, () => {
  let world: RegistryWorld;
  beforeAll(async () => {
    if (binaries !== undefined) world = await RegistryWorld.open({ binaries, helms, release });
  });
  afterAll(() => world.close());

  it.each(REGISTRIES)('%s: gets the tags, the manifest and the content that Helm pushed', async (name) => {
    await hasHello(await repository(name, 'charts/hello', logins(world.places)));
  });

  it.each(['token', 'v3Token'] as const)('%s: does so with an identity token', async (name) => {
    await hasHello(await repository(name, 'charts/hello', identityLogins(world.places)));
    expect(world.places.tokens.requests.at(-1)).toMatchObject({ method: 'POST', user: 'reader' });
  });

  it.each(['tls', 'token', 'v3Token'] as const)(
    '%s: is refused without a login, and says so',
    async (name) => {
      const asking = repository(name, 'charts/hello', '{}').then((found) =>
        fetchManifest(found, { tag: '0.1.0' }),
      );
      await expect(asking).rejects.toMatchObject({
        code: 'UNCHECKED',
        hint: expect.stringContaining('helm registry login') as string,
      });
    },
  );

  it.each(['plain', 'v3', 'referrers'] as const)('%s: finds what oras attached', async (name) => {
    const registry = world.places.registries[name];
    const raw = new RawRepository(registry, 'attached/hello');
    await raw.pushChart('0.1.0', world.charts.get('hello-0.1.0'));
    const directory = await world.world.subdirectory(`oras-${name}`);
    await mkdir(directory, { recursive: true });
    await writeFile(path.join(directory, 'a.json'), '{}');
    const oras = new Oras(binaries?.oras ?? '', directory);
    const digest = await oras.attach(`${registry.host}/attached/hello:0.1.0`, TYPE, 'a.json');
    await oras.attach(`${registry.host}/attached/hello:0.1.0`, 'text/plain', 'a.json');

    const subject = (await raw.digest('0.1.0')).replace('sha256:', '');
    const found = await findReferrers(await repository(name, raw.name, '{}'), parseSha256(subject), TYPE);
    expect(found.problems).toEqual([]);
    expect(found.manifests.map(({ digest }) => `sha256:${digest}`)).toEqual([digest]);
  });

  it.each(REGISTRIES)('%s: attaches something once, and finds it again', async (name) => {
    const found = await repository(name, 'charts/hello', logins(world.places));
    const subject = await fetchManifest(found, { tag: '0.1.0' });
    const note = { artifactType: TYPE, bytes: Buffer.from(`a note for ${name}`) };
    const { digest, wasThere } = await attach(found, subject, note);
    expect(wasThere).toBe(false);
    expect(await attach(found, subject, note)).toEqual({ digest, wasThere: true });
    const { manifests, problems } = await findReferrers(found, subject.digest, TYPE);
    expect({ digests: manifests.map((each) => each.digest), problems }).toEqual({
      digests: [digest],
      problems: [],
    });
    const [layer] = manifests[0]?.layers ?? [];
    if (layer === undefined) throw new Error('no layer');
    expect(Buffer.from(await readBlob(found, layer, 1000)).toString()).toBe(`a note for ${name}`);
  });

  it.each(['plain', 'v3', 'referrers'] as const)(
    '%s: what it attaches oras discovers, beside its own',
    async (name) => {
      const { host } = world.places.registries[name];
      const raw = new RawRepository(world.places.registries[name], 'shared/hello');
      await raw.pushChart('0.1.0', world.charts.get('hello-0.1.0'));
      const directory = await world.world.subdirectory(`shared-${name}`);
      await writeFile(path.join(directory, 'a.json'), '{}');
      const oras = new Oras(binaries?.oras ?? '', directory);
      const theirs = await oras.attach(`${host}/shared/hello:0.1.0`, TYPE, 'a.json');
      const found = await repository(name, 'shared/hello', '{}');
      const subject = await fetchManifest(found, { tag: '0.1.0' });
      const ours = await attach(found, subject, { artifactType: TYPE, bytes: Buffer.from('ours') });
      const discovered = await oras.discover(`${host}/shared/hello:0.1.0`);
      expect(discovered.map(({ digest }) => digest).sort()).toEqual([theirs, `sha256:${ours.digest}`].sort());
    },
  );

  async function repository(
    name: (typeof REGISTRIES)[number],
    repository: string,
    login: string,
  ): Promise<RemoteRepository> {
    const file = await world.world.write('config.json', login);
    const registries = new Registries({
      http: testClient({ authorities: onlyThese(readFileSync(world.at.authority, 'utf8')) }),
      credentials: new CredentialFiles([file], { env: {}, interrupted: new AbortController().signal }),
      plainHttp: { isForced: false, isForbidden: false },
    });
    const { host } = world.places.registries[name];
    return await registries.repository({ host, repository }, testDeadline());
  }

  async function hasHello(repository: RemoteRepository): Promise<void> {
    expect(await listTags(repository)).toContain('0.1.0');
    const byTag = await fetchManifest(repository, { tag: '0.1.0' });
    expect(await fetchManifest(repository, { digest: byTag.digest })).toEqual(byTag);
    expect(`sha256:${byTag.digest}`).toBe(world.at.manifest);
    const { archive, provenance } = world.charts.get('hello-0.1.0');
    const contents = await Promise.all(byTag.layers.map((layer) => readBlob(repository, layer, 1 << 20)));
    const texts = contents.map((content) => Buffer.from(content).toString('base64')).sort();
    expect(texts).toEqual(
      [archive, provenance].map((each) => Buffer.from(each ?? '').toString('base64')).sort(),
    );
  }
});
