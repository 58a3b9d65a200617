import { BACKUP } from './backup-options.ts';
import { BUNDLES } from './bundle-options.ts';
import { CHOSEN_LOG } from './chosen-log-options.ts';
import { FETCHING } from './fetching-options.ts';
import { SEARCHING } from './searching-options.ts';
import { SERVING } from './serving-options.ts';
import { SIGNING } from './signing-options.ts';
import { IDENTITY } from './identity-options.ts';
import { MONITOR } from './monitor-options.ts';
import { LOG_MAKING } from './log-making-options.ts';
import type { OptionDeclaration } from './option-declaration.ts';

/** Every option of every command, declared once, in the order in which help lists them. */
export const OPTIONS = {
  ...SIGNING,
  ...IDENTITY,
  ...CHOSEN_LOG,
  dryRun: {
    flags: '--dry-run',
    description: 'do everything but send, and say what would be sent, and where',
  },
  keyring: {
    flags: '--keyring <path>',
    description:
      'file or folder of OpenPGP keys whose signatures count (default: those of GnuPG and of "keys add"); repeatable',
    variable: 'KEYRING',
    repeatable: true,
  },
  publicKey: {
    flags: '--public-key <path>',
    description: 'the same, or an https URL, which needs --fingerprint; repeatable',
    repeatable: true,
    mayBeUrl: true,
  },
  fingerprint: {
    flags: '--fingerprint <hex>',
    description: 'accept only this signer, by the full fingerprint of its primary key; repeatable',
    repeatable: true,
  },
  policy: {
    flags: '--policy <path>',
    description:
      'who may sign which charts: this file decides (default: policy.yaml in the configuration directory, if it is there)',
    variable: 'HELM_SIGSTORE_POLICY',
    once: true,
  },
  allowWeak: {
    flags: '--insecure-allow-weak-keys',
    description: 'accept signatures by DSA, RSA 1024 and secp256k1 keys, and over SHA-1 digests',
  },
  as: {
    flags: '--as <file>',
    description: 'the file name that was signed, NAME-VERSION.tgz, for an archive that was renamed since',
    once: true,
  },
  fromFile: {
    flags: '--from-file <path>',
    description: 'file with further charts, one a line; "-" is standard input',
    once: true,
  },
  chartsDir: {
    flags: '--charts-dir <directory>',
    description: 'where the archives of an index.yaml are (default: beside it)',
    once: true,
  },
  ...FETCHING,
  to: {
    flags: '--to <directory>',
    description: 'the directory of the mirror; one that is empty or not there becomes one',
    once: true,
  },
  evidence: {
    flags: '--evidence <path>',
    description: 'the evidence file of the one chart (default: CHART.tgz.rekor.json beside it)',
    once: true,
  },
  attached: {
    flags: '--evidence <path>',
    description:
      'the evidence file to attach, which helm sigstore evidence or upload made, or the bundle of the provenance',
    once: true,
  },
  bundle: {
    flags: '--bundle <path>',
    description: 'a Sigstore bundle (CHART.tgz.sigstore.json) to attach as well',
    once: true,
  },
  attach: { flags: '--attach', description: 'attach what the log proved to the chart in its registry' },
  noEvidence: { flags: '--no-evidence', description: 'write no evidence file' },
  refresh: {
    flags: '--refresh',
    description: 'get a proof against the newest checkpoint of the log, in place of an older one',
  },
  check: { flags: '--check <path>', description: 'judge this evidence file by itself', once: true },
  offline: {
    flags: '--offline',
    description: 'use no network: the evidence beside the chart has to prove it',
  },
  dependencies: {
    flags: '--dependencies',
    description:
      'of a chart that is a directory, verify the charts in its charts/; of a packed one, list the charts in it',
  },
  mirror: {
    flags: '--mirror <directory>',
    description: 'verify all of a mirror that helm sigstore mirror made, offline, in place of charts',
    once: true,
  },
  manifestDigest: {
    flags: '--manifest-digest <hex>',
    description: 'the SHA-256 digest that the manifest of the mirror must have',
    once: true,
  },
  requireConsistency: {
    flags: '--require-consistency',
    description: 'fail where no earlier checkpoint of the log is at hand to compare with',
  },
  verbose: { flags: '--verbose', description: 'show what came of every check' },
  ...SEARCHING,
  ...MONITOR,
  logFingerprint: {
    flags: '--fingerprint <hex>',
    description: 'the log ID, SHA-256 of its public key, that you expect; repeatable',
    repeatable: true,
  },
  publicLog: { flags: '--default', description: 'use the public log again where none is named' },
  ...LOG_MAKING,
  ...SERVING,
  ...BACKUP,
  allRepositories: { flags: '--all', description: 'all repositories that Helm knows' },
  rekorPublicKey: {
    flags: '--rekor-public-key <path>',
    description: 'PEM file with the public keys of the log; repeatable',
    variable: 'SIGSTORE_REKOR_PUBLIC_KEY',
    repeatable: true,
  },
  ...BUNDLES,
  trustedRoot: {
    flags: '--trusted-root <path>',
    description: 'trusted_root.json with the keys of the log, or "sigstore" for that of Sigstore',
    variable: 'SIGSTORE_TRUSTED_ROOT',
  },
  firstUse: {
    flags: '--insecure-trust-on-first-use',
    description: 'believe the public key that the log itself gives, for this run',
  },
  tufMirror: {
    flags: '--mirror <url>',
    description: "copy of Sigstore's TUF repository to ask; it need not be trusted",
    variable: 'HELM_SIGSTORE_TUF_MIRROR',
    default: 'https://tuf-repo-cdn.sigstore.dev',
  },
  caFile: {
    flags: '--ca-file <path>',
    description: 'PEM file with the certificate authorities of the servers, in place of all others',
  },
  timeout: {
    flags: '--timeout <duration>',
    description: 'how long one request may take, such as 500ms, 30s or 2m',
    default: '30s',
  },
  output: {
    flags: '--output <format>',
    description: 'form of the answer',
    default: 'text',
    choices: ['text', 'json', 'jsonl'],
  },
} as const satisfies Record<string, OptionDeclaration>;

export type OptionName = keyof typeof OPTIONS;

/** The names of all options, in the order of their declaration. */
export const OPTION_NAMES = Object.keys(OPTIONS) as readonly OptionName[];

/** What commander read for each option that was given. */
export type OptionValues = Readonly<Partial<Record<OptionName, string | readonly string[] | true>>>;

/** How people write an option, without its value. */
export function spellingOf(name: OptionName): string {
  return OPTIONS[name].flags.replace(/ .*/, '');
}

/** Whether the value of an option is a path, as its help says, and nothing else. */
export function takesPath(name: OptionName): boolean {
  const { flags, mayBeUrl }: OptionDeclaration = OPTIONS[name];
  return !mayBeUrl && /<(?:path|directory|file)>$/.test(flags);
}
