import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { buffer } from 'node:stream/consumers';
import type { SigningOptions, TestSigner } from './signer.ts';

/** A chart archive as Helm packages one, with this Chart.yaml. */
export async function chartArchive(name: string, version: string, chartYaml?: string): Promise<Uint8Array> {
  const tar = pack();
  tar.entry(
    { name: `${name}/Chart.yaml` },
    chartYaml ?? `apiVersion: v2\nname: ${name}\nversion: ${version}\n`,
  );
  tar.entry({ name: `${name}/values.yaml` }, 'replicas: 1\n');
  tar.finalize();
  return gzipSync(await buffer(tar));
}

/** A signed chart on disk. */
export interface ChartOnDisk {
  /** Of the archive; the provenance is beside it. */
  readonly path: string;
  /** Of the signer's certificate. */
  readonly keyring: string;
  readonly archive: Uint8Array;
  readonly provenance: Uint8Array;
}

/** Writes a chart, its provenance and its signer's certificate into a directory. */
export async function writeSignedChart(
  directory: string,
  signer: TestSigner,
  {
    name = 'hello',
    version = '0.1.0',
    ...signing
  }: SigningOptions & { name?: string; version?: string } = {},
): Promise<ChartOnDisk> {
  const archive = await chartArchive(name, version);
  const provenance = await signer.sign(name, version, archive, signing);
  const path = join(directory, `${name}-${version}.tgz`);
  const keyring = join(directory, 'keyring.gpg');
  await writeFile(path, archive);
  await writeFile(`${path}.prov`, provenance);
  await writeFile(keyring, signer.certificate);
  return { path, keyring, archive, provenance };
}
