/** How an option is spelt, what it means, and where its value comes from when it is not given. */
export interface OptionDeclaration {
  /** In the syntax of commander. */
  readonly flags: string;
  readonly description: string;
  /** The environment variable that is used when the option is not given; an empty one is unset. */
  readonly variable?: string;
  readonly default?: string;
  /** The only values that it takes. */
  readonly choices?: readonly string[];
  /** May be given several times; each gives one more value. */
  readonly repeatable?: true;
}

/** Every option of every command, declared once. A command lists the names of those it takes. */
export const OPTIONS = {
  rekorServer: {
    flags: '--rekor-server <url>',
    description: 'the transparency log',
    variable: 'REKOR_SERVER',
    default: 'https://rekor.sigstore.dev',
  },
  keyring: {
    flags: '--keyring <path>',
    description: "file or folder of OpenPGP keys whose signatures count (default: GnuPG's own); repeatable",
    variable: 'KEYRING',
    repeatable: true,
  },
  publicKey: {
    flags: '--public-key <path>',
    description: 'the same, or an https URL, which needs --fingerprint; repeatable',
    repeatable: true,
  },
  fingerprint: {
    flags: '--fingerprint <hex>',
    description: 'accept only this signer, by the full fingerprint of its primary key; repeatable',
    repeatable: true,
  },
  allowWeak: {
    flags: '--insecure-allow-weak-keys',
    description: 'accept signatures by DSA and RSA 1024 keys, and over SHA-1 digests',
  },
  rekorPublicKey: {
    flags: '--rekor-public-key <path>',
    description: 'PEM file with the public keys of the log; repeatable',
    variable: 'SIGSTORE_REKOR_PUBLIC_KEY',
    repeatable: true,
  },
  trustedRoot: {
    flags: '--trusted-root <path>',
    description: 'trusted_root.json with the keys of the log, or "sigstore" for that of Sigstore',
    variable: 'SIGSTORE_TRUSTED_ROOT',
  },
  firstUse: {
    flags: '--insecure-trust-on-first-use',
    description: 'believe the public key that the log itself gives, for this run',
  },
  caFile: {
    flags: '--ca-file <path>',
    description: "PEM file with the certificate authorities of the server, in place of Node's",
  },
  tufMirror: {
    flags: '--mirror <url>',
    description: "copy of Sigstore's TUF repository to ask; it need not be trusted",
    variable: 'HELM_SIGSTORE_TUF_MIRROR',
    default: 'https://tuf-repo-cdn.sigstore.dev',
  },
  fromFile: {
    flags: '--from-file <path>',
    description: 'file with further charts, one path a line; "-" is standard input',
  },
  chartsDir: {
    flags: '--charts-dir <directory>',
    description: 'where the archives of an index.yaml are (default: beside it)',
  },
  as: {
    flags: '--as <file>',
    description: 'the file name that was signed, NAME-VERSION.tgz, for an archive that was renamed since',
  },
  requireConsistency: {
    flags: '--require-consistency',
    description: 'fail where no earlier checkpoint of the log is at hand to compare with',
  },
  sha256: { flags: '--sha256 <hex>', description: 'search for this digest of an archive' },
  email: { flags: '--email <address>', description: 'search for entries of this signer' },
  searchKey: { flags: '--public-key <path>', description: 'search for entries with exactly this public key' },
  logFingerprint: {
    flags: '--fingerprint <hex>',
    description: 'the log ID, SHA-256 of its public key, that you expect; repeatable',
    repeatable: true,
  },
  directory: { flags: '--dir <directory>', description: 'where the log is kept' },
  listen: {
    flags: '--listen <address>',
    description: 'address and port to listen on; port 0 takes a free one',
    default: '127.0.0.1:3000',
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

/** What commander read for each option that was given. */
export type OptionValues = Readonly<Partial<Record<OptionName, string | readonly string[] | true>>>;
