import { describe, expect, it } from 'vitest';
import type { Fetching } from '../../src/chart/fetch/fetching.ts';
import type { Repository } from '../../src/chart/fetch/repositories.ts';
import { parseGateAddress } from '../../src/chart/fetch/gate-address.ts';
import { gatedChart, type GateFetching } from '../../src/gate/gated-chart.ts';
import { gateIndex, indexOfTags } from '../../src/gate/gated-index.ts';
import { wholeAddress } from '../../src/gate/whole-address.ts';
import { askedOf } from '../../src/policy/chart-rules.ts';
import { pullOfConfigured, pullOfNamed } from '../../src/proving/pulls.ts';
import type { ChartServers } from '../../src/run/chart-servers.ts';
import type { Context } from '../../src/run/context.ts';

/** Whoever brings a chart of a repository, by whatever name Helm knows that: the same words choose its rule. */

const nobody = {} as unknown;

describe.each([
  ['https://charts.example', 'app', 'https://charts.example/app'],
  ['https://charts.example/stable/', 'app', 'https://charts.example/stable/app'],
  ['https://charts.example/stable', 'team/app', 'https://charts.example/stable/team/app'],
  ['https://charts.example/stable?tenant=a', 'app', 'https://charts.example/stable/app?tenant=a'],
  ['https://charts.example/?tenant=a', 'one/two/app', 'https://charts.example/one/two/app?tenant=a'],
  ['https://user:word@charts.example/stable?a=b%2Fc', 'app', 'https://charts.example/stable/app?a=b%2Fc'],
])('the chart of %s named %s', (url, chart, words) => {
  const plain: Repository = configured(url, url);
  const gated: Repository = configured(`sigstore+${url}`, url);

  it('behind the gate', async () => {
    expect(await ruleBehindTheGate(url, chart, [gated])).toBe(words);
  });

  it.each([
    ['plain', plain],
    ['behind the gate', gated],
  ])('for verify and the wrapper, by the name of a repository that is %s', (_, repository) => {
    const { asked, label } = pullOfConfigured(repository, chart, nobody as ChartServers, context);
    expect(askedOf({ asked, label }).reference).toBe(words);
  });

  // With credentials in it, no URL of a repository is taken there.
  const withRepo = url.includes('@') ? [] : ['for verify and the wrapper, with --repo'];
  it.each(withRepo)('%s', () => {
    const reference = { form: 'repository-url', url: new URL(url), chart } as const;
    const { asked, label } = pullOfNamed(reference, nobody as ChartServers, nobody as Fetching);
    expect(askedOf({ asked, label }).reference).toBe(words);
  });
});

it('the one chart of a repository of a registry has the words of a plain reference', () => {
  const place = { host: 'registry.example', repository: 'charts/app' };
  const words = 'oci://registry.example/charts/app';
  const address = parseGateAddress(firstUrl(indexOfTags(place, ['1.2.3']).text));
  const { asked, label } = gatedChart(wholeAddress(address, []) as never, nobody as GateFetching);
  expect(askedOf({ asked, label }).reference).toBe(words);
  const repository = configured('sigstore+oci://registry.example/charts/app', undefined);
  const pulled = pullOfConfigured(repository, 'app', nobody as ChartServers, context);
  expect(askedOf(pulled).reference).toBe(words);
});

const context = { env: {}, platform: 'linux', home: '/nobody' } as unknown as Context;

async function ruleBehindTheGate(url: string, chart: string, repositories: readonly Repository[]) {
  const address = parseGateAddress(await listedUrl(url, chart));
  const { asked, label } = gatedChart(wholeAddress(address, repositories) as never, nobody as GateFetching);
  return askedOf({ asked, label }).reference;
}

async function listedUrl(url: string, name: string): Promise<string> {
  const versions = [{ apiVersion: 'v2', name, version: '1.2.3', urls: ['app-1.2.3.tgz'] }];
  const chunks = once(JSON.stringify({ apiVersion: 'v1', entries: { [name]: versions } }));
  const { text } = await gateIndex({ place: 'the index', chunks }, new URL(url));
  return firstUrl(text);
}

function firstUrl(index: string): string {
  return /sigstore\+[^"]*/.exec(index)?.[0] ?? 'none';
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text));
}

function configured(address: string, url: string | undefined): Repository {
  return {
    name: 'acme',
    address,
    url: url === undefined ? undefined : new URL(url),
    isTlsSkipped: false,
    passCredentialsAll: false,
  };
}
