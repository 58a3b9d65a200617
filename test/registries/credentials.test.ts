import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ChartRequest } from './servers/chart-server.ts';
import { basicAuthorization } from './servers/registry-server.ts';
import type { HelmUser } from './world/helm-user.ts';
import { READER } from './world/places.ts';
import { RegistryWorld } from './world/registry-world.ts';
import { resultsOf } from './world/verified.ts';

const binaries = inject('registries');
const release = inject('release');
const helms = inject('helms');

describe.skipIf(binaries === undefined || helms.length === 0)('a password (needs real registries)', () => {
  let world: RegistryWorld;
  beforeAll(async () => {
    if (binaries !== undefined) world = await RegistryWorld.open({ binaries, helms, release });
  });
  afterAll(() => world.close());

  describe.each(helms)('with Helm $version', (helm) => {
    let user: HelmUser;
    beforeAll(async () => {
      user = await world.user(helm);
    });

    async function verify(...words: string[]): Promise<void> {
      const { charts, guarded, elsewhere, abroad } = world.places;
      for (const server of [charts, guarded, elsewhere, abroad]) server.takeRequests();
      const ended = await user.sigstore(['verify', ...words, '--output', 'json']);
      const [result] = resultsOf(ended);
      expect(result, ended.stderr).toMatchObject({ status: 0, verdict: 'verified' });
    }

    it('is not sent to another server that the index names', async () => {
      await verify('lent/hello', '--version', '0.1.0');
      expect(sentTo(world.places.elsewhere.requests)).toEqual([undefined]);
    });

    it('is not sent to another server to which its own one sends us', async () => {
      await verify(`${world.at.https}/abroad/hello-0.1.0.tgz`, '--ca-file', world.at.authority);
      expect(sentTo(world.places.guarded.requests)).toContain(basicAuthorization(READER));
      expect(sentTo(world.places.abroad.requests)).toEqual([undefined]);
    });

    it('is not sent to a server that belongs to no repository with one', async () => {
      await verify(`${world.at.http}/relative/hello-0.1.0.tgz`);
      expect(sentTo(world.places.charts.requests)).toEqual([undefined]);
    });

    it('of a registry buys tokens to pull this chart alone', async () => {
      const { tokens } = world.places;
      tokens.requests.splice(0);
      await verify(`${world.at.oci.token}/hello:0.1.0`);
      const scopes = new Set(tokens.requests.flatMap(({ scopes }) => scopes));
      expect([...scopes]).toEqual(['repository:charts/hello:pull']);
    });
  });
});

/** The values of `Authorization`, each once. @throws where nothing was asked */
function sentTo(requests: readonly ChartRequest[]): (string | undefined)[] {
  if (requests.length === 0) throw new Error('nothing was asked');
  return [...new Set(requests.map(({ authorization }) => authorization))];
}
