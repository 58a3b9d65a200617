import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ForgedSigstore } from '../support/forged-sigstore.ts';
import { push, type HelmUser } from './world/helm-user.ts';
import { Oras } from './world/oras.ts';
import { RawRepository } from './world/raw-registry.ts';
import { RegistryWorld } from './world/registry-world.ts';

const binaries = inject('registries');
const release = inject('release');
const helms = inject('helms');
const [helm] = helms.slice(-1);

const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const BY_A = [
  '--certificate-identity',
  'a@example.com',
  '--certificate-oidc-issuer',
  'https://issuer.example',
];

const title = 'a chart that helm push brought, whose manifest is signed (needs real registries)';
describe.skipIf(binaries === undefined || helm === undefined)(title, () => {
  const sigstore = new ForgedSigstore();
  let world: RegistryWorld;
  let user: HelmUser;
  let oras: Oras;
  let root: string;
  let count = 0;
  beforeAll(async () => {
    if (binaries === undefined || helm === undefined) return;
    world = await RegistryWorld.open({ binaries, helms, release });
    user = await world.user(helm);
    oras = await Oras.of(binaries.oras, user);
    root = path.join(oras.directory, 'root.json');
    await writeFile(root, sigstore.trustedRoot());
  });
  afterAll(() => world.close());

  /** The chart in a repository of its own, with a statement as cosign makes it about the manifest of some chart. */
  async function signed(name: 'plain' | 'v3' | 'referrers', id: string): Promise<string> {
    const registry = world.places.registries[name];
    count += 1;
    const to = `oci://${registry.host}/signed-${count}`;
    for (const each of new Set(['hello-0.1.0', id]))
      await push(user, world.charts.get(each).path, to, ['--plain-http']);
    const { name: chart, version } = world.charts.get(id);
    const digest = await new RawRepository(registry, `signed-${count}/${chart}`).digest(version);
    const statement = {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: digest.slice(7) }, annotations: {} }],
      predicateType: 'https://sigstore.dev/cosign/sign/v1',
      predicate: {},
    };
    const bundle = sigstore.statement(JSON.stringify(statement), sigstore.signer());
    await writeFile(path.join(oras.directory, 'bundle.json'), JSON.stringify(bundle));
    const reference = `${registry.host}/signed-${count}/hello:0.1.0`;
    await oras.attach(reference, BUNDLE, 'bundle.json');
    return `oci://${reference}`;
  }

  it.each(['plain', 'v3', 'referrers'] as const)('in registry %s: is verified by it', async (name) => {
    const reference = await signed(name, 'hello-0.1.0');
    const words = ['verify', reference, ...BY_A, '--trusted-root', root];
    const { status, stdout, stderr } = await user.sigstore(words);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Signed Manifest: sha256:');
    const other = ['--certificate-identity', 'b@example.com', ...BY_A.slice(2), '--trusted-root', root];
    expect((await user.sigstore(['verify', reference, ...other])).status).toBe(10);
  });

  it.each(['plain', 'referrers'] as const)('in registry %s: not by that of another', async (name) => {
    const reference = await signed(name, 'other-0.1.0');
    const { status, stderr } = await user.sigstore(['verify', reference, ...BY_A, '--trusted-root', root]);
    expect(status).toBe(10);
    expect(stderr).toContain(': archive-digest: ');
  });
});
