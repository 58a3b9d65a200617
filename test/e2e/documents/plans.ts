import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Stage } from './stage.ts';

/** How a document is taken: what is there before, and which of its lines end otherwise than with 0. */
export interface Plan {
  readonly document: string;
  /** What the reader has before the first line. */
  readonly before?: (stage: Stage) => Promise<void>;
  /** Beginnings of lines, and their exit status. */
  readonly ends?: Readonly<Record<string, number>>;
  /** Beginnings of lines, and what happens before them: a document may be about several machines. */
  readonly between?: Readonly<Record<string, string>>;
  /** Beginnings of lines that are not taken here, and what takes them. */
  readonly otherwise?: Readonly<Record<string, string>>;
}

const SIGSTORE = 'test/sigstore: needs a real Sigstore';
const NPM = 'test/e2e/install.test.ts: needs npm';
const MONITOR = 'test/monitor: needs a log with entries of others';
const SERVED =
  'test/commands/log-serve.test.ts, test/embedded-log/reverse-proxy.test.ts: needs ports, certificates and nginx';
const ROTATED = 'test/commands/log-rotate.test.ts, test/interop/rotated.test.ts';
const BACKED_UP = 'test/commands/log-backup.test.ts: needs a log that was lost';
const GUARDED = 'test/kubernetes/recipes.test.ts';
/** Helm has no cluster here: it gets the chart, and ends with 1. */
const NO_CLUSTER = 1;

const UNINSTALL = 'helm plugin uninstall sigstore';

const KEY = "gpg --quick-generate-key 'Example Publisher <publisher@example.com>' rsa3072 sign 2y";
const HEAD = 'version: 1\nkeys: [acme.gpg]\n';
const LOG = 'logs: [{ url: https://rekor.example.com, publicKeys: [log.pem] }]\n';

/** A policy by which the charts of acme need the signature of its key, and others none. */
async function writePolicy(stage: Stage, file: string): Promise<void> {
  const { publisher, log } = stage.world;
  const folder = path.dirname(path.join(stage.work, file));
  await writeFile(path.join(folder, 'acme.gpg'), publisher.certificate);
  await writeFile(path.join(folder, 'log.pem'), log.publicKeyPem);
  const charts = "['https://charts.acme.example/*', 'oci://registry.acme.example/charts/*']";
  const rule = `rules:\n  - { name: acme, charts: ${charts}, signedBy: [{ openpgp: ${publisher.fingerprint} }] }\n`;
  await writeFile(path.join(stage.work, file), `${HEAD}${LOG}${rule}otherwise: allow\n`);
}

/** One who has used the log and the publisher's charts before. */
async function consumer(stage: Stage): Promise<void> {
  await stage.useLog();
  await stage.addKey();
  await stage.shell('helm repo add example https://charts.example.com');
}

export const PLANS: readonly Plan[] = [
  {
    document: 'README.md',
    before: async (stage) => {
      await stage.useLog();
      await stage.makeKey(KEY);
      await stage.shell('rm -r -- *');
    },
    ends: { 'helm template example/unsigned': 1 },
    otherwise: {
      'gpg --quick-generate-key ': 'before the first line, with another size',
      'helm sigstore monitor ': MONITOR,
    },
  },
  {
    document: 'docs/verify.md',
    before: async (stage) => {
      await stage.useLog();
      await stage.shell('helm repo add example https://charts.example.com');
    },
    ends: { 'helm sigstore keys add https://charts.example.com/publisher.asc   ': 2 },
    otherwise: { 'helm sigstore verify hello-0.1.0.tgz --certificate-identity ': SIGSTORE },
  },
  {
    document: 'docs/publish.md',
    before: async (stage) => {
      await stage.useLog();
      await stage.makeKey(KEY);
      await stage.shell('rm -r *.tgz* charts archives');
    },
    otherwise: {
      'gpg --quick-generate-key ': 'before the first line, with another size',
      'helm push hello-0.1.0.tgz oci://registry.example.com/ci': SIGSTORE,
      'helm sigstore attach oci://registry.example.com/ci/': SIGSTORE,
      'helm sigstore verify oci://registry.example.com/ci/': SIGSTORE,
      'echo "$TOKEN" | helm registry login ': 'needs GitHub',
      'echo "$CI_REGISTRY_PASSWORD" | helm registry login ': 'needs GitLab',
      'helm push hello-0.1.0.tgz "oci://': SIGSTORE,
      'helm sigstore attach "oci://': SIGSTORE,
      'helm sigstore sign hello-0.1.0.tgz --identity': SIGSTORE,
      'helm package charts/hello': SIGSTORE,
      'helm sigstore verify hello-0.1.0.tgz --certificate-identity ': SIGSTORE,
      'helm sigstore upload hello-0.1.0.tgz --rekor-version 2 ': SIGSTORE,
      'gpg --batch --import publisher-secret.asc': 'test/signing/sign.test.ts',
      'helm sigstore sign hello-0.1.0.tgz --passphrase-file ': 'test/signing/sign.test.ts',
    },
  },
  {
    document: 'docs/gate.md',
    before: async (stage) => {
      await stage.shell('helm repo add example https://charts.example.com');
      await writePolicy(stage, '../etc/policy.yaml');
      await stage.serve('gated');
    },
    ends: { 'helm upgrade --install app acme/app': NO_CLUSTER, 'helm template try/unsigned': 1 },
  },
  {
    document: 'docs/policy.md',
    before: consumer,
    ends: { 'helm sigstore policy lint ': 2 },
  },
  {
    document: 'docs/trust.md',
    ends: { 'helm sigstore log pin https://rekor.example.com    ': 2 },
  },
  {
    document: 'docs/mirror.md',
    before: consumer,
    otherwise: { 'helm sigstore mirror hello-0.1.0.tgz --to ./mirror --certificate-identity ': SIGSTORE },
  },
  {
    document: 'docs/monitor.md',
    before: async (stage) => {
      await stage.useLog();
    },
    between: { 'helm plugin install ': UNINSTALL },
    otherwise: { 'helm sigstore monitor --identity ': MONITOR },
  },
  {
    document: 'docs/log-format.md',
    before: async (stage) => {
      await stage.shell(stage.written('helm sigstore log serve --dir ./log'));
      await stage.endLog();
    },
  },
  {
    document: 'docs/private-log.md',
    before: async (stage) => {
      await stage.makeKey(KEY);
      await stage.shell(`mkdir mychart ~/.config
        printf 'apiVersion: v2\\nname: mychart\\nversion: 1.2.3\\n' > mychart/Chart.yaml
        helm package mychart
        helm sigstore sign mychart-1.2.3.tgz
        openssl rand -hex 32 > ~/.config/chart-log-token`);
    },
    otherwise: {
      'helm sigstore log serve --dir /var/lib/chart-log --listen 0.0.0.0:443 ': SERVED,
      'helm sigstore log rotate ': ROTATED,
      'helm sigstore log pin ': ROTATED,
      'helm sigstore log use https://charts.example.com/log --fingerprint 4b3f': ROTATED,
      'helm sigstore log backup ': BACKED_UP,
      'helm sigstore log restore ': BACKED_UP,
      'helm sigstore log resume ': BACKED_UP,
      'helm sigstore log replay ': BACKED_UP,
      'helm sigstore log forget ': BACKED_UP,
    },
  },
  {
    document: 'docs/dependencies.md',
    before: async (stage) => {
      await consumer(stage);
      await stage.makeKey(KEY);
      const parent = 'apiVersion: v2\\nname: umbrella\\nversion: 1.0.0\\ndependencies:\\n';
      await stage.shell(`
        mkdir -p packed/umbrella/charts/redis/charts/common umbrella
        cd packed/umbrella
        printf '${parent}- {name: redis, version: 19.0.1, repository: "file://charts/redis"}\\n' > Chart.yaml
        printf 'apiVersion: v2\\nname: redis\\nversion: 19.0.1\\ndependencies:\\n- {name: common, version: 2.2.0, repository: "file://charts/common"}\\n' > charts/redis/Chart.yaml
        printf 'apiVersion: v2\\nname: common\\nversion: 2.2.0\\n' > charts/redis/charts/common/Chart.yaml
        cd ../..
        helm package packed/umbrella
        helm sigstore sign umbrella-1.0.0.tgz --upload
        printf '${parent}- {name: hello, version: 0.1.0, repository: "https://charts.example.com"}\\n' > umbrella/Chart.yaml
        helm dependency update umbrella`);
    },
  },
  {
    document: 'docs/wrapper.md',
    before: async (stage) => {
      await consumer(stage);
      await stage.shell(`helm sigstore policy init oci://registry.example.com/charts/hello:0.1.0 --keyring publisher.asc \\
        --rekor-public-key log.pem > helm-sigstore.yaml`);
    },
    ends: {
      'helm sigstore install ': NO_CLUSTER,
      'helm sigstore --policy helm-sigstore.yaml upgrade ': NO_CLUSTER,
    },
  },
  {
    document: 'docs/install.md',
    otherwise: {
      'helm plugin install RELEASES/sigstore-0.9.0-linux-amd64.tgz ': 'npm run test:e2e:standalone',
      'npm ci ': NPM,
    },
    before: async (stage) => {
      await stage.useLog();
      await writePolicy(stage, '../etc/policy.yaml');
      await stage.shell(UNINSTALL);
    },
    between: {
      'helm plugin install plugin/sigstore': UNINSTALL,
      'helm plugin uninstall sigstore-getter': 'helm sigstore gate install --policy ../etc/policy.yaml',
    },
  },
  {
    document: 'docs/ci.md',
    before: async (stage) => {
      await stage.useLog();
      await stage.makeKey(KEY);
      await stage.shell('gpg --export-secret-keys > secring.gpg; mv hello charts/');
    },
    ends: { 'helm upgrade --install hello ': NO_CLUSTER },
    between: {
      'helm pull --prov ': 'rm hello-0.1.0.tgz*',
      'helm plugin install ': UNINSTALL,
    },
  },
  {
    document: 'docs/recipes.md',
    otherwise: { 'helm ': GUARDED },
  },
];
