import { readdir, readFile, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import tls from 'node:tls';

type Environment = Readonly<Record<string, string | undefined>>;

/** Certificate authorities, each in PEM. */
export interface NamedAuthorities {
  /** How many certificates the variables name. */
  readonly certificates: number;
  /** Those, and what else is to be trusted. */
  readonly all: string[];
}

/**
 * The authorities that `SSL_CERT_FILE` and `SSL_CERT_DIR` name, read as Go programs such as Helm read them
 * (crypto/x509, root_unix.go). Go trusts one file and some directories; each variable replaces one of these
 * halves, so only both together replace everything. Node's own list stands for a half that no variable names.
 * Missing files and other content are skipped, because these variables are often set for other programs.
 * `NODE_EXTRA_CA_CERTS` and `--use-system-ca` add to the result.
 */
export async function readNamedAuthorities(env: Environment): Promise<NamedAuthorities> {
  const file = env['SSL_CERT_FILE'];
  const directories = env['SSL_CERT_DIR'];
  const texts = [
    ...(file ? [await readCertificates(file)] : []),
    ...(directories
      ? await Promise.all(directories.split(delimiter).filter(Boolean).map(readDirectory))
      : []),
  ];
  const named = new Set(texts.flat());
  const nodes = await nodesAuthorities(env);
  const replaced = new Set(file && directories ? tls.rootCertificates : []);
  return {
    certificates: named.size,
    all: [...nodes.filter((certificate) => !replaced.has(certificate)), ...named],
  };
}

/** A list of the public authorities has half a megabyte. */
const MAX_BYTES = 16 << 20;

const MAX_FILES = 10_000;

const BEGIN = '-----BEGIN CERTIFICATE-----';
const END = '-----END CERTIFICATE-----';

/**
 * The authorities that Node trusts by itself. Node 22.15 and later can list them; for older ones it is the
 * bundled list with `NODE_EXTRA_CA_CERTS`.
 */
async function nodesAuthorities(env: Environment): Promise<readonly string[]> {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  if (getCACertificates) return getCACertificates('default');
  const extra = env['NODE_EXTRA_CA_CERTS'];
  return [...tls.rootCertificates, ...(extra ? await readCertificates(extra) : [])];
}

async function readDirectory(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  const found: string[] = [];
  for (const name of names.slice(0, MAX_FILES))
    found.push(...(await readCertificates(join(directory, name))));
  return found;
}

async function readCertificates(path: string): Promise<string[]> {
  try {
    const found = await stat(path);
    if (!found.isFile() || found.size > MAX_BYTES) return [];
    return certificatesIn(await readFile(path, 'latin1'));
  } catch {
    return []; // as good as not named
  }
}

/** The blocks of certificates in a text (RFC 7468 5); OpenSSL passes over those that do not parse. */
function certificatesIn(text: string): string[] {
  const blocks: string[] = [];
  for (let from = text.indexOf(BEGIN); from >= 0; from = text.indexOf(BEGIN, from)) {
    const end = text.indexOf(END, from);
    if (end < 0) break;
    blocks.push(text.slice(from, end + END.length));
    from = end;
  }
  return blocks;
}
