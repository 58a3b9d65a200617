import { inParallel } from '../in-parallel.ts';
import { serveRepository, type RepositoryOptions } from './chart-repository.ts';
import type { Charts, MadeChart } from './charts.ts';
import { push, type HelmUser, type NamedRepository } from './helm-user.ts';
import type { Places } from './places.ts';
import { RawRepository } from './raw-registry.ts';

/** Where the charts of a test are, good ones and others; without a slash at the end. */
export interface Addresses {
  /** `oci://HOST/charts` of each registry. */
  readonly oci: Readonly<Record<keyof Places['registries'], string>>;
  /** `http://HOST` of the chart server that is for everybody. */
  readonly http: string;
  /** `https://HOST` of the one that wants a password. */
  readonly https: string;
  /** The digest of the manifest of hello 0.1.0, in every registry. */
  readonly manifest: string;
  /** The file with the authority that vouches for all that speaks TLS. */
  readonly authority: string;
  /** The archive of hello 0.1.0 on disk, with all that is beside it. */
  readonly file: string;
  /** The folder that it is in. */
  readonly folder: string;
}

/** Repositories of the chart server, by their names, which are their paths as well. */
const REPOSITORIES: Readonly<Record<string, OpenRepository>> = {
  relative: {},
  absolute: { urls: (at, file) => [`${at.http}/relative/${file}`] },
  elsewhere: { urls: (at, file) => [`${at.elsewhere}/files/${file}`] },
  several: { urls: (_, file) => [file, `missing/${file}`] },
  second: { urls: (_, file) => [`missing/${file}`, file] },
  query: { urls: (_, file) => [`${file}?of=the-url`] },
  json: { isJson: true },
  moved: { urls: (at, file) => [`${at.http}/away/${file}`] },
  'in-oci': { urls: (at, _, { name, version }) => [`${at.oci}/${name}:${version}`] },
  bare: { hasEvidence: false },
  twice: {},
  'false-digest': { claims: () => ({ digest: '0'.repeat(64) }) },
  'no-digest': { claims: () => ({ digest: undefined }) },
  older: { claims: ({ version }) => (version === '0.1.0' ? { version: '3.0.0' } : {}) },
  renamed: { claims: ({ name }) => (name === 'other' ? { name: 'known' } : {}) },
};

interface OpenRepository extends Omit<RepositoryOptions, 'urls'> {
  readonly urls?: (at: Bases, file: string, chart: MadeChart) => readonly string[];
}

interface Bases {
  readonly http: string;
  readonly elsewhere: string;
  readonly oci: string;
}

/** The repositories that users have added. */
export function repositories(places: Places): NamedRepository[] {
  const { charts, guarded } = places;
  const open = Object.keys(REPOSITORIES).map((name) => ({ name, url: `${charts.url}/${name}` }));
  return [
    ...open,
    { name: 'asking', url: `${charts.url}/asking?team=a` },
    { name: 'guarded', url: `${guarded.url}/charts`, isGuarded: true },
    { name: 'lent', url: `${guarded.url}/lent`, isGuarded: true },
  ];
}

/** Serves and pushes the charts everywhere; the user is one whose Helm can push. */
export async function publish(charts: Charts, places: Places, user: HelmUser): Promise<Addresses> {
  serveAll(charts, places);
  await pushAll(charts, places, user);
  const { registries } = places;
  const names = Object.keys(registries) as (keyof typeof registries)[];
  const oci = Object.fromEntries(names.map((name) => [name, `oci://${registries[name].host}/charts`]));
  const file = charts.get('hello-0.1.0').path;
  return {
    oci: oci as Addresses['oci'],
    http: places.charts.url,
    https: places.guarded.url,
    authority: places.authority,
    manifest: await new RawRepository(registries.plain, 'charts/hello').digest('0.1.0'),
    file,
    folder: file.slice(0, file.lastIndexOf('/')),
  };
}

function serveAll(charts: Charts, { charts: server, guarded, elsewhere, abroad, registries }: Places): void {
  const all = charts.all();
  const at = { http: server.url, elsewhere: elsewhere.url, oci: `oci://${registries.tls.host}/charts` };
  for (const [name, options] of Object.entries(REPOSITORIES)) {
    const { urls, ...rest } = options;
    serveRepository(server, `/${name}`, all, {
      ...rest,
      ...(urls && { urls: (file, chart) => urls(at, file, chart) }),
    });
  }
  // Helm gives a password for a URL only if it stands in an index.
  serveRepository(guarded, '/charts', all, { urls: (file) => [`${guarded.url}/charts/${file}`] });
  serveRepository(server, '/asking', all, { query: 'team=a' });
  serveRepository(guarded, '/lent', all, { urls: (file) => [`${elsewhere.url}/files/${file}`] });
  serveRepository(elsewhere, '/files', all);
  serveRepository(abroad, '/files', all);
  const [hello] = all.filter(({ id }) => id === 'hello-0.1.0');
  for (const [path, body = ''] of [
    ['/false/hello-0.2.0.tgz', hello?.archive],
    ['/false/hello-0.2.0.tgz.prov', hello?.provenance],
    ['/signed/hello-0.1.0.tgz?signature=a', hello?.archive],
    ['/signed/hello-0.1.0.tgz.prov?signature=a', hello?.provenance],
    ['/signed/hello-0.1.0.tgz.rekor.json?signature=a', hello?.evidence],
  ] as const)
    server.put(path, body);
  for (const { id, provenance, evidence } of all) {
    const suffixes = ['', ...(provenance ? ['.prov'] : []), ...(evidence ? ['.rekor.json'] : [])];
    for (const suffix of suffixes) {
      guarded.redirect(`/away/${id}.tgz${suffix}`, `${elsewhere.url}/files/${id}.tgz${suffix}`);
      guarded.redirect(`/abroad/${id}.tgz${suffix}`, `${abroad.url}/files/${id}.tgz${suffix}`);
      server.redirect(`/away/${id}.tgz${suffix}`, `${server.url}/relative/${id}.tgz${suffix}`);
      server.redirect(`/abroad/${id}.tgz${suffix}`, `${elsewhere.url}/files/${id}.tgz${suffix}`);
    }
  }
}

/** With Helm where a publisher would, by hand where no publisher would. */
async function pushAll(charts: Charts, { registries, authority }: Places, user: HelmUser): Promise<void> {
  const hello = charts.get('hello-0.1.0');
  const to = ({ host }: { host: string }) => `oci://${host}/charts`;
  const { plain, token, v3, v3Token, referrers, tls } = registries;
  await inParallel(charts.all(), ({ path }) => push(user, path, to(plain), ['--plain-http']));
  await inParallel([token, v3, v3Token, referrers, tls], (registry) =>
    push(user, hello.path, to(registry), registry === tls ? ['--ca-file', authority] : ['--plain-http']),
  );

  const by = (name: string) => new RawRepository(plain, name);
  await by('charts/hello').copyTag('0.1.0', 'latest');
  await by('older/hello').pushChart('3.0.0', hello);
  await by('renamed/other').pushChart('0.1.0', hello);
  await by('swapped/hello').pushChart('0.1.0', charts.get('hello-0.2.0'), hello.provenance);
}
