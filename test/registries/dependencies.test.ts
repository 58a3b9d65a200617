import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { HelmSite } from '../e2e/helm-site.ts';
import { writeSignedChart, type ChartOnDisk } from '../support/chart.ts';
import { serveRegistry, type TestRegistry } from '../support/registry/server.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';
import { World } from '../support/world/world.ts';

const helms = inject('helms');
const FILE = 'hello-0.1.0.tgz';

describe.skipIf(helms.length === 0)('dependencies in a registry (needs real Helms)', () => {
  let world: World;
  let chart: ChartOnDisk;
  beforeAll(async () => {
    world = await World.open();
    chart = await logged('0.1.0');
    await logged('0.0.9');
  });
  afterAll(() => world.close());

  async function logged(version: string): Promise<ChartOnDisk> {
    const directory = await world.subdirectory(`version-${version}`);
    const made = await writeSignedChart(directory, world.publisher, { name: 'hello', version });
    expect((await world.runKnowing('upload', made.path, '--no-evidence')).status).toBe(0);
    return made;
  }

  describe.each(helms)('with Helm $version', (helm) => {
    let site: HelmSite;
    let registry: TestRegistry;
    let parent: string;
    let authority: string;
    let charts: string;
    beforeAll(async () => {
      site = await HelmSite.create(helm);
      parent = path.join(site.directory, 'parent');
      charts = path.join(parent, 'charts');
      authority = path.join(site.directory, 'authority.pem');
      await mkdir(parent);
    });
    afterAll(() => site.remove());

    /** A registry for one test, and a chart that needs one of it. */
    async function startOver(hasProvenance: boolean): Promise<void> {
      const identity = selfSignedCertificate();
      registry = await serveRegistry({}, isPlain ? undefined : identity);
      const provenance = hasProvenance ? Buffer.from(chart.provenance).toString('utf8') : undefined;
      registry.store.addChart('charts/hello', chart.archive, '0.1.0', provenance);
      await rm(parent, { recursive: true });
      await mkdir(parent);
      const repository = `oci://${registry.host}/charts`;
      const dependencies = [{ name: 'hello', version: '^0.1.0', repository }];
      const metadata = { apiVersion: 'v2', name: 'parent', version: '1.0.0', dependencies };
      await writeFile(path.join(parent, 'Chart.yaml'), JSON.stringify(metadata));
      await writeFile(authority, identity.cert);
    }

    // For dependencies, Helm 3.17.3 lists tags over TLS and then fetches over plain http, if the registry is on its own machine.
    const isPlain = helm.version === '3.17.3';
    const trust = () => (isPlain ? [] : ['--ca-file', authority]);
    const helmDependency = (verb: string) =>
      site.run(['dependency', verb, parent, ...(isPlain ? ['--plain-http'] : trust())]);
    const ours = (...argv: readonly string[]) =>
      world.run([...argv, parent, ...trust(), ...world.knowing()], {
        env: { TMPDIR: site.directory, HELM_REGISTRY_CONFIG: path.join(site.directory, 'none.json') },
      });

    it('by the lock that Helm writes, charts/ gets the bytes that Helm brings, and is verified', async () => {
      // Helm 3.18.0 fetches no chart from a registry that has its provenance.
      const isRefused = helm.version === '3.18.0';
      await startOver(!isRefused);
      const updated = await helmDependency('update');
      expect(updated, updated.stderr).toMatchObject({ status: 0 });
      const brought = await readFile(path.join(charts, FILE));
      expect(brought).toEqual(Buffer.from(chart.archive));
      if (isRefused) addProvenance();
      await rm(charts, { recursive: true });
      const built = await ours('dependency', 'build');
      expect(built, built.stderr).toMatchObject({ status: 0, stderr: '' });
      expect(await readdir(charts)).toEqual([FILE]);
      expect(await readFile(path.join(charts, FILE))).toEqual(brought);
      expect((await ours('verify', '--dependencies')).status).toBe(0);
      const again = await helmDependency('build');
      expect(again.status, again.stderr).toBe(isRefused ? 1 : 0);
      // What Helm thinks of what we built is what it thinks of what it built.
      const listed = await site.run(['dependency', 'list', parent]);
      if (!isRefused) expect(listed.stdout).toMatch(/hello\s+\^0\.1\.0\s+oci:\S+\s+ok/);
    });

    it('Helm takes one that is not signed, and neither of our commands does', async () => {
      await startOver(false);
      expect(await helmDependency('update')).toMatchObject({ status: 0 });
      expect((await ours('verify', '--dependencies')).status).toBe(4);
      await rm(charts, { recursive: true });
      expect((await ours('dependency', 'build')).status).toBe(4);
      await expect(readdir(charts)).rejects.toThrow('ENOENT');
    });

    function addProvenance(): void {
      const provenance = Buffer.from(chart.provenance).toString('utf8');
      registry.store.addChart('charts/hello', chart.archive, '0.1.0', provenance);
    }
  });
});
