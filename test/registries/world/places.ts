import type { RegistryBinaries } from '../../../scripts/fetch-registries.mjs';
import { selfSignedCertificate } from '../../support/tls-certificate.ts';
import type { World } from '../../support/world/world.ts';
import { ChartServer } from '../servers/chart-server.ts';
import { DistributionRegistry } from '../servers/distribution.ts';
import { ReferrersRegistry } from '../servers/referrers-registry.ts';
import type { RegistryServer } from '../servers/registry-server.ts';
import { TokenService } from '../servers/token-service.ts';

/** Who may read what is protected. */
export const READER = { user: 'reader', password: 'of all charts' } as const;

/** The registries, by what is special about them. */
export const REGISTRIES = ['plain', 'tls', 'token', 'v3', 'v3Token', 'referrers'] as const;

/** Every server of a test, on loopback. */
export interface Places {
  readonly registries: Readonly<Record<(typeof REGISTRIES)[number], RegistryServer>>;
  readonly tokens: TokenService;
  /** Over HTTP, for everybody. */
  readonly charts: ChartServer;
  /** Over TLS, for the reader. */
  readonly guarded: ChartServer;
  /** Of somebody else, over HTTP: no password may come there. */
  readonly elsewhere: ChartServer;
  /** The same over TLS. */
  readonly abroad: ChartServer;
  /** The file with the authority that vouches for all that speaks TLS. */
  readonly authority: string;
  stop(): Promise<void>;
}

/** Starts them all; their files lie in the folder of the world. */
export async function startPlaces(world: World, binaries: RegistryBinaries): Promise<Places> {
  const tls = selfSignedCertificate();
  const directory = await world.subdirectory('servers');
  const tokens = await TokenService.start(READER);
  const distribution = (command: string, name: string, options: object = {}) =>
    DistributionRegistry.start({ command, directory, name, ...options });
  const [plain, overTls, token, v3, v3Token, referrers] = await Promise.all([
    distribution('docker-registry', 'plain'),
    distribution('docker-registry', 'tls', { tls, credentials: READER }),
    distribution('docker-registry', 'token', { tokens }),
    distribution(binaries.distribution, 'v3'),
    distribution(binaries.distribution, 'v3-token', { tokens }),
    ReferrersRegistry.start(binaries.referrersRegistry, directory),
  ]);
  const charts = await ChartServer.start();
  const guarded = await ChartServer.start({ tls, credentials: READER });
  const elsewhere = await ChartServer.start();
  const abroad = await ChartServer.start({ tls });
  const registries = { plain, tls: overTls, token, v3, v3Token, referrers };
  const all = [...Object.values(registries), tokens, charts, guarded, elsewhere, abroad];
  return {
    registries,
    tokens,
    charts,
    guarded,
    elsewhere,
    abroad,
    authority: await world.write('authority.pem', tls.cert),
    stop: async () => {
      await Promise.all(all.map((server) => server.stop()));
    },
  };
}
