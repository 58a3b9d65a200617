import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { formatEvidence } from '../../src/evidence/format.ts';
import { parseLogEntry } from '../../src/rekor/schemas.ts';
import type { LoggedEntry } from '../../src/tlog/logged-entry.ts';
import type { HostileLog, Leaf } from '../support/hostile-log.ts';
import { signStatement } from '../support/statement.ts';
import type { HostileWorld } from '../support/world/hostile-world.ts';

/** What a log says of a leaf, lies and all, as somebody kept it when its tree had this size. */
export function keptEntry(log: HostileLog, leaf: Leaf, size?: number): LoggedEntry {
  const said = log.beforeSigning(log.truth(leaf, size), leaf.uuid);
  return parseLogEntry({ [said.uuid]: log.afterSigning(signStatement(said), leaf.uuid) });
}

/** Writes evidence of these entries beside the chart of a scene, and returns its path. */
export async function keepBeside(scene: HostileWorld, ...entries: readonly LoggedEntry[]): Promise<string> {
  const path = `${scene.chart.path}.rekor.json`;
  await writeFile(path, formatEvidence({ log: scene.server.url, entries }));
  return path;
}

/** Copies of the chart of a scene under its own name, each in a folder of its own with evidence of one of these entries. */
export async function copiesWith(scene: HostileWorld, entries: readonly LoggedEntry[]): Promise<string[]> {
  const { path, archive, provenance } = scene.chart;
  return await Promise.all(
    entries.map(async (entry, index) => {
      const folder = join(scene.directory, `copy-${index}`);
      await mkdir(folder);
      const copy = join(folder, basename(path));
      await writeFile(copy, archive);
      await writeFile(`${copy}.prov`, provenance);
      await writeFile(`${copy}.rekor.json`, formatEvidence({ log: scene.server.url, entries: [entry] }));
      return copy;
    }),
  );
}
