import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { fetchHelms } from '../../scripts/fetch-helm.mjs';
import { stepsOf } from '../e2e/documents/session.ts';
import { missingPrograms } from '../interop/prerequisites.ts';
import { DistributionRegistry } from '../registries/servers/distribution.ts';
import { readDocument } from '../support/documents.ts';
import { answer, serve } from '../support/loopback.ts';
import { World } from '../support/world/world.ts';
import { Sigstore } from './stack/sigstore.ts';

const binaries = inject('sigstore');
const missing = missingPrograms({ 'docker-registry': 'docker-registry' });
const WORKFLOW = 'https://github.com/example/charts/.github/workflows/release.yml@refs/tags/v0.1.0';

/** The commands of docs/publish.md by which a CI publishes a chart without a key, from its first one on. */
function commandsOfCi(): readonly string[] {
  const lines = stepsOf(readDocument('docs/publish.md')).map(({ line }) => line.replace(/ {2,}#.*$/, ''));
  const push = lines.findIndex((line) => line.endsWith('oci://registry.example.com/ci'));
  return lines.slice(push - 2, push + 3);
}

/** Where the jobs of the page push to, which is another registry for each CI. */
const PLACES = ['"oci://ghcr.io/$GITHUB_REPOSITORY_OWNER/charts', '"oci://$CI_REGISTRY_IMAGE'];

describe('the jobs on the page', () => {
  it.each(PLACES)('that push to %s" run the same commands', (place) => {
    const lines = stepsOf(readDocument('docs/publish.md')).map(({ line }) => line);
    const push = lines.indexOf(`helm push hello-0.1.0.tgz ${place}"`);
    const own = lines.slice(push - 3, push + 2).filter((line) => !line.includes('helm registry login'));
    expect(own.map((line) => line.replace(place, 'oci://registry.example.com/ci').replace('"', ''))).toEqual(
      commandsOfCi().slice(0, 4),
    );
  });
});

const title =
  'from a chart to a published one, as the page says (needs Go, docker-registry: no real Sigstore)';
describe.skipIf(binaries === undefined || missing !== undefined)(title, () => {
  let sigstore: Sigstore;
  let registry: DistributionRegistry;
  let world: World;
  let helm: string;

  beforeAll(async () => {
    if (binaries === undefined) return;
    sigstore = await Sigstore.start(binaries);
    const { directory } = sigstore;
    registry = await DistributionRegistry.start({ command: 'docker-registry', directory, name: 'registry' });
    world = await World.open();
    world.user.now = Math.floor(Date.now() / 1000);
    helm = (await fetchHelms()).at(-1)?.path ?? '';
    const charts = path.join(world.directory, 'charts');
    await mkdir(charts);
    await cp(path.join(import.meta.dirname, '../../examples/hello'), path.join(charts, 'hello'), {
      recursive: true,
    });
  });

  afterAll(async () => {
    await world.close();
    await registry.stop();
    await sigstore.stop();
  });

  /** How a job gets its token. */
  const jobs = {
    GitHub: async (token: string) => {
      const { url } = await serve(answer(200, JSON.stringify({ count: token.length, value: token })));
      return {
        ACTIONS_ID_TOKEN_REQUEST_URL: `${url}/token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'of-the-job',
      };
    },
    GitLab: (token: string) => Promise.resolve({ SIGSTORE_ID_TOKEN: token }),
  } as const;

  it.each(['GitHub', 'GitLab'] as const)('by a job of %s, in five commands', async (ci) => {
    const commands = commandsOfCi();
    expect(commands).toHaveLength(5);
    const env = await jobs[ci](sigstore.workflowToken('example/charts', 'refs/tags/v0.1.0'));
    const place = `${registry.host}/${ci.toLowerCase()}`;
    const issuer = sigstore.servers.workflows.url;
    for (const command of commands) {
      const [program, first = '', ...words] = command
        .replace('registry.example.com/ci', place)
        .replace('IDENTITY', WORKFLOW)
        .replace('ISSUER', issuer)
        .replaceAll(/(?<= )(?=charts\/hello|hello-0)/g, `${world.directory}/`)
        .split(' ');
      expect(program).toBe('helm');
      if (first !== 'sigstore') {
        const more = { package: ['-d', world.directory], push: ['--plain-http'] }[first] ?? [];
        await promisify(execFile)(helm, [first, ...words, ...more]);
        continue;
      }
      const sign = words[0] === 'sign' ? ['--force', '--signing-config', sigstore.signingConfig] : [];
      const root = words[0] === 'attach' ? [] : ['--trusted-root', sigstore.trustedRoot];
      const ran = await world.run([...words, ...sign, ...root], { env });
      expect({ command, status: ran.status, stderr: ran.stderr }).toEqual({
        command,
        status: 0,
        stderr: expect.any(String) as unknown,
      });
      if (words[0] === 'sign') {
        expect(ran.stdout).toContain(`Signed By: ${WORKFLOW}\n`);
        expect(ran.stdout).toContain(`Issuer: ${issuer}\n`);
      }
    }
  });
});
