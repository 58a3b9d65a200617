import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sha256Hex } from '../../src/digest.ts';
import { readCertificates } from '../../src/openpgp/certificate.ts';
import { minimiseCertificate } from '../../src/openpgp/minimise.ts';
import { parseProvenance } from '../../src/provenance/provenance.ts';
import { predictLeaves } from '../../src/rekor/predicted-entry.ts';
import { chartArchive } from '../support/chart.ts';
import type { GnupgHome } from '../support/gnupg.ts';
import {
  CHART_SIGNED,
  chartText,
  createSigner,
  DAY,
  KEY_CREATED,
  type SignerOptions,
} from '../support/signer.ts';

/** The kinds of keys. */
export const KINDS = [
  'RSA 3072',
  'Ed25519',
  'P-256',
  'signing subkey',
  'two user IDs',
  'renewed since',
  'expired since',
] as const;

export type Kind = (typeof KINDS)[number];

/** Who signs charts, with a key of some kind. */
export interface Publisher {
  readonly email: string;
  /** Binary, as others know it. */
  readonly certificate: Uint8Array;
  /** Of the key that signs. */
  readonly signingFingerprint: string;
  /** When the key expires, in seconds since 1970. */
  readonly expires?: number;
  /** The provenance of a chart's archive. */
  readonly sign: (name: string, version: string, archive: Uint8Array) => Promise<Uint8Array>;
}

/** A signed chart in a folder of its own. */
export interface PublishedChart {
  /** Of the archive; the provenance is beside it. */
  readonly path: string;
  readonly sha256: string;
  /** Of the whole certificate, which rekor-cli sends. */
  readonly certificate: string;
  /** Of the part of it that the plugin sends. */
  readonly leastCertificate: string;
  /** What the plugin says before it sends it that the log will have: 64 hexadecimal digits. */
  readonly predictedLeaf: string;
}

/** How long the key lives that expires during the tests, in seconds: long enough to upload what it signed. */
const SHORT_LIFE = 90;

/** A publisher with a key of each kind; GnuPG keeps one of them in its home. */
export async function createPublishers(home: GnupgHome, now: number): Promise<Record<Kind, Publisher>> {
  const short = { created: now - DAY, expiresAfter: DAY + SHORT_LIFE };
  return {
    'RSA 3072': await gnupgPublisher(home, 'rsa@charts.example'),
    Ed25519: await publisher('ed25519@charts.example', { algorithm: 'ed25519' }),
    'P-256': await publisher('p256@charts.example'),
    'signing subkey': await publisher('subkey@charts.example', { subkey: {} }),
    'two user IDs': await publisher('first@charts.example', {
      userIds: ['First <first@charts.example>', 'Second <second@charts.example>'],
    }),
    'renewed since': await renewedPublisher('renewed@charts.example'),
    'expired since': await publisher('expired@charts.example', short, now - 60),
  };
}

/** The chart for rekor-cli, with the certificate that the plugin sent. */
export function asSent(chart: PublishedChart): PublishedChart {
  return { ...chart, certificate: chart.leastCertificate };
}

/** Signs a new chart and writes it into a folder below the directory. */
export async function publish(
  directory: string,
  { certificate, signingFingerprint, sign }: Publisher,
  name: string,
): Promise<PublishedChart> {
  const folder = path.join(directory, name);
  await mkdir(folder);
  const write = async (file: string, content: Uint8Array): Promise<string> => {
    await writeFile(path.join(folder, file), content);
    return path.join(folder, file);
  };
  const archive = await chartArchive(name, '0.1.0');
  const bytes = await sign(name, '0.1.0', archive);
  await write(`${name}-0.1.0.tgz.prov`, bytes);

  const provenance = parseProvenance(bytes);
  const [whole] = readCertificates(certificate);
  if (whole === undefined) throw new Error('no certificate');
  const least = minimiseCertificate(whole, provenance.signature, signingFingerprint);
  if ('refused' in least) throw new Error(least.refused);
  return {
    path: await write(`${name}-0.1.0.tgz`, archive),
    sha256: sha256Hex(archive),
    certificate: await write('certificate.gpg', certificate),
    leastCertificate: await write('least-certificate.gpg', least.bytes),
    predictedLeaf: predictLeaves(provenance, whole, signingFingerprint)[0]?.leafHash ?? '',
  };
}

async function publisher(email: string, options: SignerOptions = {}, at?: number): Promise<Publisher> {
  const { created = KEY_CREATED, expiresAfter } = options;
  const signer = await createSigner({ algorithm: 'p256', userIds: [`Publisher <${email}>`], ...options });
  const { certificate, signingFingerprint } = signer;
  return {
    email,
    certificate,
    signingFingerprint,
    ...(expiresAfter !== undefined && { expires: created + expiresAfter }),
    sign: async (name, version, archive) =>
      await signer.sign(name, version, archive, { at: at ?? CHART_SIGNED }),
  };
}

/** The key was to expire after half a year, and lives on because its owner renewed it after signing. */
async function renewedPublisher(email: string): Promise<Publisher> {
  const signer = await createSigner({ algorithm: 'p256', userIds: [`Publisher <${email}>`] });
  const selfSignatures = [
    { at: KEY_CREATED, expiresAfter: 180 * DAY },
    { at: CHART_SIGNED + 10 * DAY, expiresAfter: 3650 * DAY },
  ];
  return {
    email,
    certificate: await signer.certificateWith({ selfSignatures }),
    signingFingerprint: signer.signingFingerprint,
    sign: async (name, version, archive) => await signer.sign(name, version, archive),
  };
}

/** A key that GnuPG made and signs with; its subkey for encryption is nothing to a log. */
async function gnupgPublisher(home: GnupgHome, email: string): Promise<Publisher> {
  await home.gpgWithSecrets(['--quick-generate-key', `Publisher <${email}>`, 'rsa3072', 'sign', 'never']);
  const [key] = await home.list();
  const fingerprint = key?.fingerprint ?? '';
  await home.gpgWithSecrets(['--quick-add-key', fingerprint, 'rsa3072', 'encr', 'never']);
  return {
    email,
    certificate: await home.gpg(['--no-autostart', '--export', fingerprint]),
    signingFingerprint: fingerprint,
    sign: async (name, version, archive) => {
      const text = path.join(home.path, `${name}.txt`);
      await writeFile(text, chartText(name, version, archive));
      const options = ['--digest-algo', 'SHA512', '--local-user', fingerprint, '--output', '-'];
      return await home.gpgWithSecrets([...options, '--clearsign', text]);
    },
  };
}
