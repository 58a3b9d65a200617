import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readDeclaredDependencies, listOf } from '../../src/chart/archive/dependencies.ts';
import { lockDigest } from '../../src/chart/dependencies/lock-digest.ts';

/** A chart that another one needs, as the lock of that one has it. */
export interface ListedDependency {
  readonly name: string;
  readonly version: string;
  /** In Chart.yaml; the default is the same version. */
  readonly range?: string;
  readonly repository?: string;
}

/** A chart that is a directory, with a lock of which the digest fits, whatever is listed. */
export class UnpackedParent {
  constructor(readonly path: string) {}

  static async create(
    path: string,
    required: readonly ListedDependency[],
    locked: readonly ListedDependency[] = required,
  ): Promise<UnpackedParent> {
    const parent = new UnpackedParent(path);
    const inYaml = (all: readonly ListedDependency[], version: (each: ListedDependency) => string) =>
      all.map((each) => ({
        name: each.name,
        version: version(each),
        repository: each.repository ?? 'https://charts.example',
      }));
    const dependencies = inYaml(required, ({ version, range = version }) => range);
    const listed = inYaml(locked, ({ version }) => version);
    const chartYaml = JSON.stringify({ apiVersion: 'v2', name: 'parent', version: '1.0.0', dependencies });
    const digest = lockDigest(
      readDeclaredDependencies([Buffer.from(chartYaml)]).dependencies,
      listOf(listed),
    );
    await parent.write('Chart.yaml', chartYaml);
    await parent.write(
      'Chart.lock',
      JSON.stringify({ dependencies: listed, digest, generated: '2026-01-01T00:00:00Z' }),
    );
    return parent;
  }

  /** Writes a file in it and returns its path. */
  async write(name: string, content: Uint8Array | string): Promise<string> {
    const path = join(this.path, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }
}
