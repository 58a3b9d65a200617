import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { hasNginx, serveByNginx } from '../support/nginx.ts';
import { InteropWorld } from './interop-world.ts';
import { asSent } from './publishers.ts';

const interop = inject('interop');
const TOKEN = 'fedcba9876543210'.repeat(4);

describe.skipIf(interop === undefined || !hasNginx)(
  'our log behind nginx, as docs/private-log.md configures it (needs nginx, and what a real Rekor needs)',
  () => {
    it('rekor-cli, by the address without a path, and the plugin, with a path and a token, see the same log', async () => {
      if (interop === undefined) throw new Error('there is no log');
      const { url, publicKey } = interop.embedded;
      const world = await InteropWorld.open(interop);
      onTestFinished(() => world.close());
      const proxy = await serveByNginx(url, TOKEN);
      const ours = {
        url: proxy.url,
        publicKey,
        env: { SSL_CERT_FILE: proxy.ca, HELM_SIGSTORE_LOG_TOKEN: TOKEN },
      };
      const bare = { url: proxy.bareUrl, publicKey, env: { SSL_CERT_FILE: proxy.ca } };
      const { plugin, rekorCli } = world;

      const chart = await world.chart('Ed25519');
      const uploaded = await plugin.upload(ours, chart);
      if (uploaded.outcome !== 'created') throw new Error(JSON.stringify(uploaded));
      const { uuid } = uploaded;
      expect(await rekorCli.verifyEntry(bare, ['--uuid', uuid])).toBe(uuid);
      expect(await rekorCli.upload(bare, asSent(chart))).toEqual({ outcome: 'exists', uuid });
      expect(await rekorCli.search(bare, { sha256: chart.sha256 })).toEqual([uuid]);

      const other = await world.chart('P-256');
      const byCli = await rekorCli.upload(bare, other);
      if (byCli.outcome !== 'created') throw new Error(JSON.stringify(byCli));
      expect(await plugin.verify(ours, other)).toBe(byCli.uuid);
      expect(await plugin.search(ours, { sha256: other.sha256 })).toEqual([byCli.uuid]);
      expect(await plugin.upload(ours, other)).toEqual({ outcome: 'exists', uuid: byCli.uuid });
      expect(await rekorCli.logInfo(bare)).toEqual(await plugin.logInfo(ours));

      // The address with the path is not for rekor-cli: it asks at the root, where nothing is.
      const lost = await rekorCli.run({ ...ours, url: proxy.url }, ['loginfo']);
      expect(lost.status).not.toBe(0);
      expect(proxy.accessLog()).not.toContain(TOKEN);
    });
  },
);
