// The import layers of ARCHITECTURE.md, as rules: arrows go down only.
const judge = '^src/(policy|verification|provenance|openpgp|tlog)/';
const edgesOfTheFileSystem = [
  '^src/run/(context|process-streams|downloads|configured-repository)\\.ts$',
  '^src/chart/[a-z/]*(archive|collection|chart-folder|chart-directory|charts-folder|charts-workshop|local-chart|locked-chart|helm-pull|gate-refusal)\\.ts$',
  '^src/keyring/(location|disk|folder|gpg|added-keys|key-store)\\.ts$',
  '^src/trust/(pins|default-log|refreshed-root|tuf|tuf-client)\\.ts$',
  '^src/history/',
  '^src/evidence/(read|write|find)\\.ts$',
  '^src/registry/credential-helper\\.ts$',
  '^src/mirror/(file-inside|one-step|mirror-directory|read-mirror|walk)\\.ts$',
  '^src/embedded-log/[a-z/]*(locked-directory|rotate|finish-rotation|frozen-tree|open-store|restore-log|new-file|found-log|check-log|check-tree|entries-file|journal-stamp|acknowledged|key-file|tile-files|stored-index|segment|segment-writer|server)\\.ts$',
  '^src/files/',
  '^src/installation/',
];

/** The folders of rooms that have some, from the lowest; HERE is the room's own files. */
const HERE = 'itself';
const floors = {
  'embedded-log': [
    HERE,
    'journal',
    'tiles',
    'index',
    'entry',
    'log',
    'rotation',
    'check',
    'backup',
    'service',
  ],
  chart: ['yaml', 'versions', 'archive', HERE, 'index', 'local', 'dependencies', 'fetch'],
};
/** @type {(room: string, folder: string) => string} */
const filesOf = (room, folder) => `^src/${room}/${folder === HERE ? '' : `${folder}/`}[a-z0-9-]+\\.ts$`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', from: {}, to: { circular: true } },
    ...Object.entries(floors).flatMap(([room, folders]) =>
      folders.slice(0, -1).map((folder, floor) => ({
        name: `${room}-${folder}-knows-no-folder-above`,
        from: { path: filesOf(room, folder) },
        to: { path: folders.slice(floor + 1).map((above) => filesOf(room, above)) },
      })),
    ),
    {
      name: 'no-orphans',
      from: { orphan: true, pathNot: '(?:^src/main|\\.d)\\.ts$' },
      to: {},
    },
    {
      name: 'commands-do-not-import-each-other',
      from: { path: '^src/commands/([^/]+)\\.ts$' },
      to: { path: '^src/commands/', pathNot: '^src/commands/$1\\.ts$' },
    },
    // Above all others are, from the top: main, program, commands, side by side wrapper, gate, signing and monitor, proving, run, and side by side settings and cli.
    {
      name: 'only-program-imports-commands',
      from: { pathNot: '^src/(program|commands)/' },
      to: { path: '^src/commands/' },
    },
    {
      name: 'only-main-imports-program',
      from: { pathNot: '^src/(main\\.ts|program/)' },
      to: { path: '^src/(main\\.ts|program/)' },
    },
    {
      name: 'only-commands-import-gate',
      from: { pathNot: '^src/(commands|gate)/' },
      to: { path: '^src/gate/' },
    },
    {
      name: 'only-commands-import-wrapper',
      from: { pathNot: '^src/(commands|wrapper)/' },
      to: { path: '^src/wrapper/' },
    },
    {
      name: 'only-commands-import-signing',
      from: { pathNot: '^src/(commands|signing)/' },
      to: { path: '^src/signing/' },
    },
    {
      name: 'only-commands-import-monitor',
      from: { pathNot: '^src/(commands|monitor)/' },
      to: { path: '^src/monitor/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'wrapper-gate-signing-and-monitor-know-nothing-of-each-other',
      from: { path: '^src/(wrapper|gate|signing|monitor)/' },
      to: { path: '^src/(wrapper|gate|signing|monitor)/', pathNot: '^src/$1/' },
    },
    {
      name: 'only-rooms-above-import-proving',
      from: { pathNot: '^src/(commands|wrapper|gate|signing|proving)/' },
      to: { path: '^src/proving/' },
    },
    {
      name: 'nothing-below-proving-imports-run',
      from: { pathNot: '^src/(main\\.ts|(program|commands|wrapper|gate|signing|monitor|proving|run)/)' },
      to: { path: '^src/run/' },
    },
    {
      name: 'cli-and-settings-know-no-room-above-them-nor-each-other',
      from: { path: '^src/(cli|settings)/' },
      to: {
        path: '^src/',
        pathNot:
          '^src/($1/|errors\\.ts|encoding\\.ts|render/printable\\.ts|http/base-url\\.ts|chart/chart-files\\.ts)',
      },
    },
    {
      name: 'only-rooms-above-import-cli-and-settings',
      from: {
        pathNot: '^src/(main\\.ts|(program|commands|wrapper|gate|signing|monitor|proving|run|cli|settings)/)',
      },
      to: { path: '^src/(cli|settings)/' },
    },
    {
      name: 'tlog-knows-neither-rekor-nor-helm',
      from: { path: '^src/tlog/' },
      to: { path: '^src/', pathNot: '^src/(tlog/|encoding\\.ts|digest\\.ts|errors\\.ts)' },
    },
    {
      name: 'openpgp-stands-on-encodings-alone',
      from: { path: '^src/openpgp/' },
      to: { path: '^src/', pathNot: '^src/(openpgp/|encoding\\.ts|digest\\.ts|errors\\.ts)' },
    },
    {
      name: 'provenance-knows-no-log',
      from: { path: '^src/(provenance|keyring)/' },
      to: { path: '^src/(tlog|rekor|trust|history|evidence|embedded-log|http)/' },
    },
    {
      name: 'evidence-is-read-and-written-and-not-judged',
      severity: 'error',
      from: { path: '^src/evidence/' },
      to: {
        path: '^src/',
        pathNot:
          '^src/(evidence/|tlog/|rekor/(entry-id|signature-entry)\\.ts|trust/sigstore-trust\\.ts|dsse\\.ts|simple-der\\.ts|pem\\.ts|strict-json\\.ts|http/base-url\\.ts|files/|shape\\.ts|zod\\.ts|encoding\\.ts|digest\\.ts|errors\\.ts)',
      },
    },
    {
      name: 'a-registry-knows-neither-charts-nor-logs',
      from: { path: '^src/registry/' },
      to: {
        path: '^src/',
        pathNot:
          '^src/(registry/|http/|files/|strict-json\\.ts|go-names\\.ts|shape\\.ts|zod\\.ts|encoding\\.ts|digest\\.ts|errors\\.ts|trailing\\.ts)',
      },
    },
    {
      name: 'the-page-of-a-log-runs-in-a-browser',
      from: { path: '^src/log-page/' },
      to: {
        pathNot:
          '^src/(log-page/|openpgp/packets\\.ts|render/printable\\.ts|encoding\\.ts|trailing\\.ts|errors\\.ts)',
      },
    },
    {
      name: 'the-page-of-a-log-is-served-and-not-imported',
      from: { path: '^src/', pathNot: '^src/log-page/' },
      to: { path: '^src/log-page/' },
    },
    {
      name: 'a-mirror-keeps-what-others-judged',
      severity: 'error',
      from: { path: '^src/mirror/' },
      to: {
        path: '^src/(verification|policy|provenance|history|log-view|keyring|http|embedded-log|render)/',
      },
    },
    {
      name: 'one-file-names-the-parts-of-sigstores-library',
      comment: 'the rest of it is not bundled, and only those who judge a bundle load it',
      from: { path: '^src/', pathNot: '^src/evidence/sigstore-parts\\.ts$' },
      to: { path: '(^|/)@sigstore/' },
    },
    {
      name: 'the-servers-of-a-sigstore-know-neither-charts-nor-identities-nor-judges',
      from: { path: '^src/services/' },
      to: {
        path: '^src/',
        pathNot:
          '^src/(services/|http/|tlog/|trust/(timestamp|sigstore-trust)\\.ts|files/user-file\\.ts|strict-json\\.ts|shape\\.ts|zod\\.ts|encoding\\.ts|digest\\.ts|errors\\.ts)',
      },
    },
    {
      name: 'signing-by-an-identity-knows-neither-charts-nor-judges',
      from: { path: '^src/identity/' },
      to: {
        path: '^src/',
        pathNot:
          '^src/(identity/|services/|dsse\\.ts|http/|rekor/(schemas|signature-entry)\\.ts|trust/sigstore-trust\\.ts|files/user-file\\.ts|strict-json\\.ts|shape\\.ts|zod\\.ts|encoding\\.ts|digest\\.ts|errors\\.ts)',
      },
    },
    {
      name: 'the-parts-of-evidence-that-are-pure',
      severity: 'error',
      from: { path: '^src/evidence/', pathNot: '^src/evidence/(read|write)\\.ts$' },
      to: { path: '^src/(files/|evidence/(read|write)\\.ts$)' },
    },
    {
      name: 'the-judge-does-no-io',
      from: { path: judge },
      to: {
        path: '^(src/(rekor/client|http/|log-view/|history/|keyring/(location|disk|folder|gpg|added-keys|key-store)|trust/(pins|default-log|trusted-log-files|refreshed-root|tuf|root-refresh)|chart/[a-z/]*(archive|local-chart|fetching|fetched-chart|helm-pull|pulled-chart|url-chart|oci-chart)\\.ts|evidence/(read|write)|files)|(node:)?(fs|http|https|net|child_process)(/|$))',
      },
    },
    {
      name: 'the-judge-knows-no-policy',
      from: { path: '^src/verification/' },
      to: { path: '^src/(policy|render)/' },
    },
    {
      name: 'render-knows-nothing-but-the-report',
      from: { path: '^src/render/' },
      to: {
        path: '^src/',
        pathNot: '^src/(render/|encoding\\.ts|digest\\.ts|errors\\.ts|redaction\\.ts)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'only-edges-touch-the-world',
      from: {
        path: '^src/',
        pathNot: [
          ...edgesOfTheFileSystem,
          '^src/http/',
          '^src/embedded-log/[a-z/]*(server|responder|request-under-way|answers|connections|incoming-body|listener)\\.ts$',
        ],
      },
      to: { path: '^(node:)?(fs|fs/promises|http|https|net|tls|child_process|os)$' },
    },
    {
      name: 'the-openpgp-library-stays-in-its-rooms',
      from: { path: '^src/', pathNot: '^src/openpgp/' },
      to: { path: 'node_modules/openpgp/' },
    },
    {
      name: 'zod-only-where-foreign-data-enters',
      from: {
        path: '^src/',
        pathNot:
          '^src/(shape|rekor/schemas|rekor/helm-entry|rekor/signature-entry|chart/archive/metadata|trust/|history/|evidence/|identity/|services/|mirror/parse-manifest|monitor/(state-format|logged-signatures)|embedded-log/)',
      },
      to: { path: '^src/zod\\.ts$' },
    },
    {
      name: 'zod-only-as-far-as-it-is-bundled',
      from: { path: '^src/', pathNot: '^src/zod\\.ts$' },
      to: { path: 'node_modules/zod/' },
    },
    {
      name: 'tuf-js-only-in-its-bundle',
      from: { path: '^src/', pathNot: '^src/trust/tuf-client\\.ts$' },
      to: { path: 'node_modules/tuf-js/' },
    },
    {
      name: 'the-tuf-bundle-shares-nothing',
      from: { path: '^src/trust/tuf-client\\.ts$' },
      to: { path: '^src/' },
    },
    {
      name: 'undici-only-for-proxies',
      from: { path: '^src/', pathNot: '^src/http/(?:tunnel|undici)\\.ts$' },
      to: { path: '(?:node_modules/undici/|^src/http/undici\\.ts$)' },
    },
  ].map((rule) => ({ severity: 'error', ...rule })),
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: 'specify',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
