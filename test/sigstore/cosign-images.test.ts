import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { fetchRekor } from '../../scripts/fetch-rekor.mjs';
import { missingPrograms, type Programs } from '../interop/prerequisites.ts';
import { holdMetricsPort } from '../interop/stack/metrics-port.ts';
import type { Rekor } from '../interop/stack/rekor.ts';
import { Stack } from '../interop/stack/stack.ts';
import { DistributionRegistry } from '../registries/servers/distribution.ts';
import { RawRepository } from '../registries/world/raw-registry.ts';
import { chartArchive } from '../support/chart.ts';
import { World } from '../support/world/world.ts';
import { trustedRootWithV1 } from './stack/trusted-root.ts';
import { Sigstore } from './stack/sigstore.ts';

const binaries = inject('sigstore');
const cosign = inject('cosign');
const PROGRAMS: Programs = { 'docker-registry': 'docker-registry' };
const missing = missingPrograms() ?? missingPrograms(PROGRAMS);
const EMAIL = 'publisher@example.com';

// Nobody is told to build cosign: that takes longer than all else together.
if (cosign !== undefined) {
  const title =
    'a chart in a registry that cosign signed (needs Go, docker-registry, MariaDB and Redis: no registry or Rekor)';
  describe.skipIf(binaries === undefined || missing !== undefined)(title, () => {
    const command = cosign;
    let sigstore: Sigstore;
    let stack: Stack;
    let rekor: Rekor;
    let registry: DistributionRegistry;
    let world: World;
    let release: () => void;
    let key: string;
    let rootV1: string;

    beforeAll(async () => {
      if (binaries === undefined) return;
      release = await holdMetricsPort();
      sigstore = await Sigstore.start(binaries);
      const { directory } = sigstore;
      stack = await Stack.start(await fetchRekor());
      rekor = await stack.startRekor();
      registry = await DistributionRegistry.start({
        command: 'docker-registry',
        directory,
        name: 'registry',
      });
      world = await World.open();
      world.user.now = Math.floor(Date.now() / 1000);
      await run('generate-key-pair');
      key = path.join(directory, 'cosign.pub');
      rootV1 = path.join(directory, 'trusted_root_v1.json');
      await writeFile(rootV1, JSON.stringify(await trustedRootWithV1(sigstore.trustedRoot, rekor)));
    });

    afterAll(async () => {
      await world.close();
      await registry.stop();
      await stack.remove();
      await sigstore.stop();
      release();
    });

    async function run(...argv: readonly string[]): Promise<string> {
      const { directory } = sigstore;
      const env = {
        ...process.env,
        HOME: directory,
        COSIGN_PASSWORD: 'of one test',
        SIGSTORE_REKOR_PUBLIC_KEY: rekor.publicKey,
        SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: sigstore.servers.certificateLog.publicKeyFile,
        SIGSTORE_ROOT_FILE: path.join(directory, 'fulcio-chain.pem'),
      };
      const { stdout, stderr } = await promisify(execFile)(command, argv, { env, cwd: directory });
      return stdout + stderr;
    }

    /** A chart in a repository of its own. */
    async function pushed(name: string, description = '') {
      const repository = new RawRepository(registry, `${name}/hello`);
      const yaml = `apiVersion: v2\nname: hello\nversion: 0.1.0\ndescription: of ${description}\n`;
      const archive = await chartArchive('hello', '0.1.0', yaml);
      const digest = await repository.putManifest('0.1.0', {
        schemaVersion: 2,
        config: await repository.putBlob('application/vnd.cncf.helm.config.v1+json', Buffer.from('{}')),
        layers: [await repository.putBlob('application/vnd.cncf.helm.chart.content.v1.tar+gzip', archive)],
        annotations: {
          'org.opencontainers.image.title': 'hello',
          'org.opencontainers.image.version': '0.1.0',
        },
      });
      const place = `${registry.host}/${name}/hello`;
      return { repository, digest, image: `${place}@${digest}`, reference: `oci://${place}:0.1.0` };
    }

    /** By whom cosign signs: what it is told, and what the verifier is. */
    const signers = {
      identity: {
        signs: () => ['--identity-token', sigstore.emailToken(EMAIL)],
        counts: () => [
          ...['--certificate-identity', EMAIL],
          ...['--certificate-oidc-issuer', sigstore.servers.people.url],
        ],
      },
      key: { signs: () => ['--key', 'cosign.key'], counts: () => ['--key', key] },
    } as const;
    type By = keyof typeof signers;

    /** How cosign signs: as a bundle that is attached, on Rekor v2; or as annotations under a tag, on Rekor v1. */
    const forms = {
      new: {
        flags: () => ['--signing-config', sigstore.signingConfig, '--trusted-root', sigstore.trustedRoot],
        root: () => sigstore.trustedRoot,
      },
      old: {
        flags: () => [
          ...['--new-bundle-format=false', '--use-signing-config=false'],
          ...['--rekor-url', rekor.url, '--fulcio-url', sigstore.servers.fulcio.url],
        ],
        root: () => rootV1,
      },
    } as const;
    type Form = keyof typeof forms;

    const sign = async (image: string, by: By, form: Form) =>
      await run('sign', '-y', '--allow-http-registry', ...forms[form].flags(), ...signers[by].signs(), image);
    const verify = async (reference: string, by: By, form: Form, ...words: readonly string[]) =>
      await world.run([
        ...['verify', reference, '--trusted-root', forms[form].root(), ...signers[by].counts(), ...words],
      ]);

    const table = [
      ['identity', 'new'],
      ['key', 'new'],
      ['identity', 'old'],
      ['key', 'old'],
    ] as const;

    it.each(table)('by %s in its %s form is verified, and by nobody else', async (by, form) => {
      const { image, digest, reference } = await pushed(`${by}-${form}`);
      expect((await verify(reference, by, form)).status).toBe(3);
      await sign(image, by, form);
      const { status, stdout, stderr } = await verify(reference, by, form);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain('Chart Verified Successfully From Sigstore bundle:\n');
      expect(stdout).toContain(`Signed Manifest: ${digest}\n`);
      expect(stdout).toContain(by === 'identity' ? `Signed By: ${EMAIL}\n` : 'Signed By Key: sha256:');
      const other = ['--certificate-identity', 'other@example.com'];
      const issuer = ['--certificate-oidc-issuer', sigstore.servers.people.url];
      const words = ['verify', reference, '--trusted-root', forms[form].root(), ...other, ...issuer];
      expect((await world.run(words)).status).not.toBe(0);
    });

    it.each(table)('by %s in its %s form is of another chart there too', async (by, form) => {
      const signed = await pushed(`signed-${by}-${form}`, 'the signed one');
      const other = await pushed(`other-${by}-${form}`, 'another one');
      await sign(signed.image, by, form);
      // What anybody can do who may push: show the signatures of the one as those of the other.
      await copySignatures(signed, other);
      const { status, stderr } = await verify(other.reference, by, form);
      expect([3, 10]).toContain(status);
      if (form === 'old')
        expect(stderr).toContain(': archive-digest: the text that was signed names another image manifest');
    });

    it('by several in both forms is verified by each of them, once more after another signature', async () => {
      const { image, reference } = await pushed('several');
      for (const [by, form] of [...table, ...table]) await sign(image, by, form);
      for (const [by, form] of table) expect(await verify(reference, by, form)).toMatchObject({ status: 0 });
    });

    type Pushed = Awaited<ReturnType<typeof pushed>>;

    /** Puts what lies under the tags of one manifest under those of another. */
    async function copySignatures(from: Pushed, to: Pushed): Promise<void> {
      const tags = [from, to].map(({ digest }) => digest.replace(':', '-'));
      const [source = '', target = ''] = tags;
      for (const ending of ['', '.sig']) {
        const accept = ['manifest', 'index']
          .map((each) => `application/vnd.oci.image.${each}.v1+json`)
          .join(', ');
        const at = ({ repository }: Pushed, tag: string) =>
          `${registry.url}/v2/${repository.name}/manifests/${tag}${ending}`;
        const answer = await fetch(at(from, source), { headers: { accept } });
        if (answer.status === 404) continue;
        const bytes = Buffer.from(await answer.arrayBuffer());
        const type = answer.headers.get('content-type') ?? '';
        await copyContent(from, to, bytes);
        const put = await fetch(at(to, target), {
          method: 'PUT',
          body: bytes,
          headers: { 'content-type': type },
        });
        expect(put.status).toBe(201);
      }
    }

    interface Described {
      readonly mediaType: string;
      readonly digest: string;
    }

    /** What a manifest or an index names, into the other repository. */
    async function copyContent(from: Pushed, to: Pushed, bytes: Uint8Array): Promise<void> {
      const {
        layers = [],
        config,
        manifests = [],
      } = JSON.parse(Buffer.from(bytes).toString()) as {
        readonly layers?: readonly Described[];
        readonly config?: Described;
        readonly manifests?: readonly Described[];
      };
      for (const { mediaType, digest } of [...layers, ...(config ? [config] : [])]) {
        const blob = await fetch(`${registry.url}/v2/${from.repository.name}/blobs/${digest}`);
        await to.repository.putBlob(mediaType, new Uint8Array(await blob.arrayBuffer()));
      }
      for (const { digest } of manifests) {
        const manifest = await from.repository.manifest(digest);
        await copyContent(from, to, manifest);
        // It is attached to the manifest that it names, which is only in the other repository.
        const subject = await from.repository.manifest(from.digest);
        await copyContent(from, to, subject);
        await to.repository.putManifest('', JSON.parse(Buffer.from(subject).toString()) as object);
        await to.repository.putManifest('', JSON.parse(Buffer.from(manifest).toString()) as object);
      }
    }
  });
}
