// The import layers of ARCHITECTURE.md, as rules: arrows go down only.
const judge = '^src/(verification|provenance|openpgp|tlog)/';
const edgesOfTheFileSystem = [
  '^src/cli/context\\.ts$',
  '^src/chart/(archive|collection|locate)\\.ts$',
  '^src/keyring/(location|disk|folder|gpg)\\.ts$',
  '^src/trust/(pins|trusted-log-files|refreshed-root|tuf|tuf-client)\\.ts$',
  '^src/history/',
  '^src/evidence/(read|write)\\.ts$',
  '^src/embedded-log/(store|key-file|server)\\.ts$',
  '^src/files/',
  '^src/installation/',
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: '^src/main\\.ts$' }, to: {} },
    {
      name: 'commands-do-not-import-each-other',
      severity: 'error',
      from: { path: '^src/commands/([^/]+)\\.ts$' },
      to: { path: '^src/commands/', pathNot: '^src/commands/$1\\.ts$' },
    },
    {
      name: 'only-cli-imports-commands',
      severity: 'error',
      from: { pathNot: '^src/(main\\.ts|cli/|commands/)' },
      to: { path: '^src/commands/' },
    },
    {
      name: 'nothing-below-commands-imports-cli',
      severity: 'error',
      from: { pathNot: '^src/(main\\.ts|cli/|commands/)' },
      to: { path: '^src/(cli/|main\\.ts)' },
    },
    {
      name: 'tlog-knows-neither-rekor-nor-helm',
      severity: 'error',
      from: { path: '^src/tlog/' },
      to: { path: '^src/', pathNot: '^src/(tlog/|encoding\\.ts|digest\\.ts|errors\\.ts)' },
    },
    {
      name: 'openpgp-stands-on-encodings-alone',
      severity: 'error',
      from: { path: '^src/openpgp/' },
      to: { path: '^src/', pathNot: '^src/(openpgp/|encoding\\.ts|digest\\.ts|errors\\.ts)' },
    },
    {
      name: 'provenance-knows-no-log',
      severity: 'error',
      from: { path: '^src/(provenance|keyring)/' },
      to: { path: '^src/(tlog|rekor|trust|history|evidence|embedded-log|http)/' },
    },
    {
      name: 'the-judge-does-no-io',
      severity: 'error',
      from: { path: judge },
      to: {
        path: '^(src/(rekor/client|http/|history/|keyring/(location|disk|folder|gpg)|trust/(pins|trusted-log-files|refreshed-root|tuf|root-refresh)|chart/(archive|locate)|files)|(node:)?(fs|http|https|net|child_process)(/|$))',
      },
    },
    {
      name: 'render-knows-nothing-but-the-report',
      severity: 'error',
      from: { path: '^src/render/' },
      to: {
        path: '^src/',
        pathNot: '^src/(render/|encoding\\.ts|digest\\.ts|errors\\.ts)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'only-edges-touch-the-world',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [...edgesOfTheFileSystem, '^src/http/', '^src/embedded-log/server\\.ts$'],
      },
      to: { path: '^(node:)?(fs|fs/promises|http|https|net|tls|child_process|os)$' },
    },
    {
      name: 'the-openpgp-library-stays-in-its-rooms',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/openpgp/' },
      to: { path: 'node_modules/openpgp/' },
    },
    {
      name: 'zod-only-where-foreign-data-enters',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot:
          '^src/(shape|rekor/schemas|rekor/helm-entry|chart/metadata|trust/|history/|evidence/|embedded-log/)',
      },
      to: { path: '^src/zod\\.ts$' },
    },
    {
      name: 'zod-only-as-far-as-it-is-bundled',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/zod\\.ts$' },
      to: { path: 'node_modules/zod/' },
    },
    {
      name: 'tuf-js-only-in-its-bundle',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/trust/tuf-client\\.ts$' },
      to: { path: 'node_modules/tuf-js/' },
    },
    {
      name: 'the-tuf-bundle-shares-nothing',
      severity: 'error',
      from: { path: '^src/trust/tuf-client\\.ts$' },
      to: { path: '^src/' },
    },
    {
      name: 'undici-only-for-proxies',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/http/proxy\\.ts$' },
      to: { path: 'node_modules/undici/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: 'specify',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
