import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import path from 'node:path';
import { load, loadAll } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { DistributionRegistry } from '../registries/servers/distribution.ts';
import type { ClusterUser } from './world/cluster-user.ts';
import { KubernetesWorld } from './world/kubernetes-world.ts';
import { HONEST } from './world/published-charts.ts';
import { recipe } from './world/recipes.ts';

const binaries = inject('kubernetes');
const release = inject('release');
const helms = inject('helms');
const helmfile = inject('helmfile');

/** The repository of all recipes. */
const REPOSITORY = 'https://charts.acme.example';
/** What of the repository that was taken over is asked for. */
const FORGED = '0.3.0';

const title =
  'docs/recipes.md (needs etcd, Go, docker-registry and real Helm: the recipes of other tools are not run)';
describe.skipIf(binaries === undefined || helms.length === 0)(title, () => {
  let world: KubernetesWorld;
  let registry: DistributionRegistry;
  beforeAll(async () => {
    if (binaries === undefined) return;
    world = await KubernetesWorld.open(binaries, release);
    const directory = await world.world.subdirectory('registries');
    registry = await DistributionRegistry.start({ command: 'docker-registry', directory, name: 'verified' });
  });
  afterAll(async () => {
    await registry.stop();
    await world.close();
  });

  describe.each(helms)('with Helm $version', (helm) => {
    let user: ClusterUser;
    beforeAll(async () => {
      user = await world.user(helm);
    });

    /** A recipe for the honest repository, and for the one that was taken over. */
    const honest = (text: string) => text.replaceAll(REPOSITORY, world.honest);
    const forged = (text: string) => text.replaceAll(REPOSITORY, world.takenOver).replaceAll('0.1.0', FORGED);

    it('GitLab: the job installs what is verified, and nothing else', async () => {
      const { deploy } = load(recipe('GitLab', 'yaml')) as { deploy: { script: string[] } };
      const script = deploy.script.join('\n');
      const namespace = user.namespace('gitlab');
      const run = (text: string) =>
        user.runProgram(['sh', '-euc', text.replace('--namespace hello', `--namespace ${namespace}`)]);
      expect(await run(forged(script))).toMatchObject({ status: 10, stdout: '' });
      expect(await user.held(namespace, 'hello')).toEqual({ configMaps: [], revisions: [] });
      const good = await run(honest(script));
      expect(good, good.stderr).toMatchObject({ status: 0 });
      expect((await user.held(namespace, 'hello')).configMaps).toMatchObject([
        { data: { version: '0.1.0' } },
      ]);
    });

    describe('Argo CD', () => {
      interface Call {
        readonly command: readonly string[];
        readonly args?: readonly string[];
      }
      const { spec } = load(recipe('Argo CD', 'yaml')) as { spec: { init: Call; generate: Call } };
      const call = ({ command, args = [] }: Call, env: Readonly<Record<string, string>>) =>
        user.runProgram([...command, ...args], {
          env: { ARGOCD_APP_NAME: 'app', ARGOCD_APP_NAMESPACE: 'somewhere', ...env },
        });

      /** The variables of an Application, as the page has them, in the names under which the plugin sees them. */
      function environment(text: string): Record<string, string> {
        const { plugin } = load(text) as { plugin: { env: { name: string; value: string }[] } };
        return Object.fromEntries(plugin.env.map(({ name, value }) => [`ARGOCD_ENV_${name}`, value]));
      }

      const application = recipe('Argo CD', 'yaml', 1);
      beforeAll(async () => {
        await user.write('values.yaml', 'greeting: from git\n');
      });

      it('init succeeds', async () => {
        const ended = await call(spec.init, {});
        expect(ended, ended.stdout + ended.stderr).toMatchObject({ status: 0 });
      });

      it('generate prints the manifests that Helm makes, and nothing else', async () => {
        const ended = await call(spec.generate, environment(honest(application)));
        expect(ended, ended.stderr).toMatchObject({ status: 0 });
        const manifests = loadAll(ended.stdout) as { kind: string; data: object }[];
        expect(manifests).toMatchObject([
          { kind: 'ConfigMap', data: { version: '0.1.0', greeting: 'from git' } },
        ]);
        const words = ['--repo', world.honest, '--version', '0.1.0', '--namespace', 'somewhere'];
        const plain = ['template', 'app', 'hello', ...words, '-f', 'values.yaml', '--include-crds'];
        expect(ended.stdout).toBe((await user.succeed(plain)).stdout);
      });

      it('generate prints nothing for a chart that is refused, and fails', async () => {
        const ended = await call(spec.generate, environment(forged(application)));
        expect(ended).toMatchObject({ status: 10, stdout: '' });
        expect(ended.stderr).not.toBe('');
      });

      it.each([
        ['CHART', '--post-renderer=./mark'],
        ['VERSION', '0.1.0 --post-renderer=./mark'],
        ['REPO', '--post-renderer=./mark'],
        ['CHART', '$(./mark)'],
        ['VERSION', '"; ./mark; "'],
      ])('no value of %s becomes an option or a command: %s', async (name, value) => {
        const mark = await user.write('mark', '#!/bin/sh\ntouch marked\ncat\n');
        await chmod(mark, 0o755);
        const env = { ...environment(honest(application)), [`ARGOCD_ENV_${name}`]: value };
        const { status, stdout } = await call(spec.generate, env);
        expect(status).not.toBe(0);
        expect(stdout).toBe('');
        expect(existsSync(path.join(user.site.directory, 'marked'))).toBe(false);
      });
    });

    // Helm 3.18.0 cannot push.
    if (helm.version !== '3.18.0')
      it('Flux: CI pushes what is verified, and nothing else', async () => {
        const repository = `verified-${helm.version}`;
        const script = (text: string) =>
          text
            .replace(
              'oci://registry.acme.example/verified',
              `oci://${registry.host}/${repository} --plain-http`,
            )
            .replace('"$PWD/helm-sigstore.yaml"', `'${world.policy}'`);
        const block = recipe('Flux', 'sh');
        expect((await user.runProgram(['sh', '-c', script(forged(block))])).status).toBe(10);
        expect((await fetch(`${registry.url}/v2/${repository}/hello/tags/list`)).status).toBe(404);

        const { status, stdout, stderr } = await user.runProgram(['sh', '-c', script(honest(block))]);
        expect(status, stderr).toBe(0);
        const [, digest = ''] = /^Digest: (sha256:[0-9a-f]{64})$/m.exec(stdout + stderr) ?? [];
        const [source] = loadAll(recipe('Flux', 'yaml')) as {
          spec: { layerSelector: { mediaType: string } };
        }[];
        const manifest = (await (
          await fetch(`${registry.url}/v2/${repository}/hello/manifests/${digest}`, {
            headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
          })
        ).json()) as { layers: { mediaType: string; digest: string }[] };
        const layers = manifest.layers.filter(
          ({ mediaType }) => mediaType === source?.spec.layerSelector.mediaType,
        );
        expect(layers.map((layer) => layer.digest)).toEqual([`sha256:${await digestOf('0.1.0')}`]);
      });

    it('helmfile: the program for helmBinary installs what is verified, and hands over all other verbs', async () => {
      const program = await user.write('helm-verified', recipe('helmfile', 'sh'));
      await chmod(program, 0o755);
      const run = (...argv: string[]) => user.runProgram([program, ...argv]);
      expect((await run('version', '--short')).stdout).toBe(
        (await user.succeed(['version', '--short'])).stdout,
      );
      const { repositories, releases } = load(recipe('helmfile', 'yaml')) as {
        repositories: { name: string; url: string }[];
        releases: { name: string; chart: string; version: string }[];
      };
      const namespace = user.namespace('helmfile');
      const sync = async (change: (text: string) => string) => {
        for (const { name, url } of repositories)
          expect(await run('repo', 'add', name, change(url), '--force-update')).toMatchObject({ status: 0 });
        const to = ['--create-namespace', '--namespace', namespace, '--reset-values'];
        const outcomes = [];
        for (const { name, chart, version } of releases)
          outcomes.push(await run('upgrade', '--install', name, chart, '--version', change(version), ...to));
        return outcomes;
      };
      expect(await sync(forged)).toMatchObject([{ status: 10, stdout: '' }]);
      expect(await user.held(namespace, 'hello')).toEqual({ configMaps: [], revisions: [] });
      const good = await sync(honest);
      expect(good, good[0]?.stderr).toMatchObject([{ status: 0 }]);
      expect((await user.held(namespace, 'hello')).configMaps).toMatchObject([
        { data: { version: '0.1.0' } },
      ]);
      expect(await run('uninstall', 'hello', '--namespace', namespace)).toMatchObject({ status: 0 });
      expect(await user.held(namespace, 'hello')).toEqual({ configMaps: [], revisions: [] });
    });

    if (helmfile !== undefined) {
      const command = helmfile;
      describe('in helmfile itself', () => {
        let namespace: string;
        beforeAll(async () => {
          namespace = user.namespace('by-helmfile');
          await chmod(await user.write('helm-verified', recipe('helmfile', 'sh')), 0o755);
        });

        /** A verb of helmfile with the recipe, of which something is changed. */
        async function run(verb: string, change: (text: string) => string) {
          const text = recipe('helmfile', 'yaml').replace('namespace: hello', `namespace: ${namespace}`);
          const file = await user.write('helmfile.yaml', change(text));
          return await user.runProgram([command, '--file', file, verb]);
        }

        it('sync installs what is verified, and nothing else', async () => {
          const refused = await run('sync', forged);
          expect(refused.status).not.toBe(0);
          expect(refused.stderr).toContain('exit status 10');
          expect(await user.held(namespace, 'hello')).toEqual({ configMaps: [], revisions: [] });

          // A repository of that name is there by now, with the address of the other one.
          for (let time = 0; time < 2; time++) {
            const good = await run('sync', honest);
            expect(good, good.stderr).toMatchObject({ status: 0 });
            expect((await user.held(namespace, 'hello')).configMaps).toMatchObject([
              { data: { version: '0.1.0' } },
            ]);
          }
          const gone = await run('destroy', honest);
          expect(gone, gone.stderr).toMatchObject({ status: 0 });
          expect(await user.held(namespace, 'hello')).toEqual({ configMaps: [], revisions: [] });
        });

        it('template prints the manifests of what is verified, and of nothing else', async () => {
          expect((await run('template', honest)).stdout).toContain('kind: ConfigMap');
          const refused = await run('template', forged);
          expect(refused.status).not.toBe(0);
          expect(refused.stdout).not.toContain('kind:');
        });

        it.each([
          [
            'with dependencies',
            (text: string) => `${text}    dependencies:\n      - chart: acme/hello\n        version: 0.1.0\n`,
          ],
          [
            'with patches',
            (text: string) =>
              `${text}    jsonPatches:\n      - target: {version: v1, kind: ConfigMap, name: hello}\n        patch: []\n`,
          ],
          [
            'of a registry',
            (text: string) =>
              text.replace(/url: .*/, `url: ${registry.host}/charts\n    oci: true\n    plainHttp: true`),
          ],
        ])('a release %s is refused', async (_, change) => {
          const refused = await run('sync', (text) => change(honest(text)));
          expect(refused.status).not.toBe(0);
          expect(refused.stderr).toContain('pull --untar is refused');
          expect(await user.held(namespace, 'hello')).toEqual({ configMaps: [], revisions: [] });
        });
      });
    }

    it('Terraform: the program of the data source answers with a file that is verified', async () => {
      const program = await user.write('verified-chart.mjs', recipe('Terraform and OpenTofu', 'js'));
      const ask = (repo: string, version: string) =>
        user.runProgram([process.execPath, program], {
          stdin: JSON.stringify({ repo, chart: 'hello', version, directory: 'charts of terraform' }),
        });
      expect(await ask(world.takenOver, FORGED)).toMatchObject({ status: 10, stdout: '' });
      const { status, stdout, stderr } = await ask(world.honest, '0.1.0');
      expect(status, stderr).toBe(0);
      const { path: file } = JSON.parse(stdout) as { path: string };
      expect(sha256(await readFile(path.join(user.site.directory, file)))).toBe(await digestOf('0.1.0'));
      // Every plan asks again.
      expect(await ask(world.honest, '0.1.0')).toMatchObject({ status: 0, stdout });
    });
  });

  /** Of the publisher's archive. */
  async function digestOf(version: string): Promise<string> {
    const answer = await fetch(`${world.charts.url}${HONEST}/hello-${version}.tgz`);
    return sha256(new Uint8Array(await answer.arrayBuffer()));
  }
});

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
