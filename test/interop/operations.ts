import type { Client, Query } from './clients/client.ts';
import type { Plugin } from './clients/plugin.ts';
import type { RekorCli } from './clients/rekor-cli.ts';
import type { NamedLog } from './global-setup.ts';
import { asSent, type PublishedChart } from './publishers.ts';

/** A log with two entries of one publisher: one that the plugin made, and one that rekor-cli made. */
export interface Ground {
  readonly server: NamedLog;
  readonly plugin: Plugin;
  readonly rekorCli: RekorCli;
  readonly made: Readonly<Record<'plugin' | 'rekorCli', Made>>;
  readonly email: string;
  /** A chart that no log has. */
  readonly newChart: () => Promise<PublishedChart>;
}

interface Made {
  readonly chart: PublishedChart;
  readonly uuid: string;
}

type Act = (ground: Ground) => Promise<string>;

/** What a client does with a log, and in a word what has to come of it; a client that cannot do it has no act. */
export interface Operation {
  readonly name: string;
  readonly result: string;
  readonly plugin?: Act;
  readonly rekorCli?: Act;
}

export const OPERATIONS: readonly Operation[] = [
  {
    name: 'upload what the other client uploaded',
    result: 'exists',
    plugin: async ({ server, plugin, made }) => (await plugin.upload(server, made.rekorCli.chart)).outcome,
    rekorCli: async ({ server, rekorCli, made }) =>
      (await rekorCli.upload(server, asSent(made.plugin.chart))).outcome,
  },
  {
    name: 'verify what the other client uploaded',
    result: 'verified',
    plugin: async ({ server, plugin, made }) =>
      its(made.rekorCli, await plugin.verify(server, made.rekorCli.chart), 'verified'),
    rekorCli: async ({ server, rekorCli, made }) =>
      its(made.plugin, await rekorCli.verify(server, asSent(made.plugin.chart)), 'verified'),
  },
  {
    name: 'verify an entry by its ID',
    result: 'verified',
    rekorCli: async ({ server, rekorCli, made }) =>
      its(made.plugin, await rekorCli.verifyEntry(server, ['--uuid', made.plugin.uuid]), 'verified'),
  },
  {
    name: 'verify an entry by its index',
    result: 'verified',
    rekorCli: async ({ server, rekorCli, made }) => {
      const { index } = await rekorCli.getEntry(server, ['--uuid', made.plugin.uuid]);
      return its(made.plugin, await rekorCli.verifyEntry(server, ['--log-index', String(index)]), 'verified');
    },
  },
  {
    name: 'verify a chart that was never uploaded',
    result: 'not found',
    plugin: async ({ server, plugin, newChart }) => {
      const { path, certificate } = await newChart();
      const { status } = await plugin.ask(server, ['verify', path, '--keyring', certificate]);
      return status === 4 ? 'not found' : `status ${status}`;
    },
    rekorCli: async ({ server, rekorCli, newChart }) => {
      const said = await rekorCli.verify(server, await newChart()).catch(String);
      return said.includes('entry in log cannot be located') ? 'not found' : said;
    },
  },
  {
    name: 'get an entry by its ID',
    result: 'found',
    rekorCli: async ({ server, rekorCli, made }) =>
      its(made.plugin, (await rekorCli.getEntry(server, ['--uuid', made.plugin.uuid])).uuid, 'found'),
  },
  {
    name: 'get an entry by its leaf hash',
    result: 'found',
    // The plugin asks for the leaf that it predicts.
    plugin: async ({ server, plugin, made }) =>
      its(made.plugin, await plugin.verify(server, made.plugin.chart), 'found'),
    rekorCli: async ({ server, rekorCli, made }) => {
      const leaf = made.plugin.uuid.slice(-64);
      return its(made.plugin, (await rekorCli.getEntry(server, ['--uuid', leaf])).uuid, 'found');
    },
  },
  {
    name: 'get an entry by its index',
    result: 'found',
    rekorCli: async ({ server, rekorCli, made }) => {
      const { index } = await rekorCli.getEntry(server, ['--uuid', made.plugin.uuid]);
      return its(
        made.plugin,
        (await rekorCli.getEntry(server, ['--log-index', String(index)])).uuid,
        'found',
      );
    },
  },
  search('the digest of an archive', ({ made: { plugin } }) => ({ sha256: plugin.chart.sha256 })),
  search('an e-mail address', ({ email }) => ({ email })),
  search('a key', ({ made: { plugin } }) => ({ certificate: plugin.chart.leastCertificate })),
  {
    name: 'log info',
    result: 'same head',
    plugin: async ({ server, plugin, rekorCli }) => sameHead(server, plugin, rekorCli),
    rekorCli: async ({ server, plugin, rekorCli }) => sameHead(server, rekorCli, plugin),
  },
  {
    name: 'log info when the log has grown',
    result: 'consistent',
    plugin: async (ground) => grow(ground, ground.plugin),
    rekorCli: async (ground) => grow(ground, ground.rekorCli),
  },
];

/** A search by which the first chart's entry is found, and nothing that the other client would not find. */
function search(name: string, query: (ground: Ground) => Query): Operation {
  const act = async (ground: Ground, client: Client, other: Client): Promise<string> => {
    const found = await client.search(ground.server, query(ground));
    const others = await other.search(ground.server, query(ground));
    if (found.join() !== others.join()) return `${found.join()}, where the other found ${others.join()}`;
    return found.includes(ground.made.plugin.uuid) ? 'found' : 'not found';
  };
  return {
    name: `search by ${name}`,
    result: 'found',
    plugin: async (ground) => act(ground, ground.plugin, ground.rekorCli),
    rekorCli: async (ground) => act(ground, ground.rekorCli, ground.plugin),
  };
}

async function sameHead(server: NamedLog, client: Client, other: Client): Promise<string> {
  const [head, others] = [await client.logInfo(server), await other.logInfo(server)];
  return JSON.stringify(head) === JSON.stringify(others) ? 'same head' : JSON.stringify([head, others]);
}

async function grow({ server, plugin, newChart }: Ground, client: Client): Promise<string> {
  const { treeSize } = await client.logInfo(server);
  await plugin.upload(server, await newChart());
  const grown = await client.logInfo(server);
  return grown.treeSize === treeSize + 1 ? 'consistent' : `${treeSize} leaves, then ${grown.treeSize}`;
}

function its(made: Made, uuid: string, result: string): string {
  return uuid === made.uuid ? result : `the entry ${uuid} in place of ${made.uuid}`;
}
