import { InputError, type Hint } from '../errors.ts';
import { EVIDENCE_LIMIT, evidencePath } from '../evidence/evidence.ts';
import {
  BUNDLE_ENDINGS,
  BUNDLE_LIMIT,
  CLAIM_ENDING,
  CLAIM_LIMIT,
  MANIFEST_ENDING,
  PROVENANCE_BUNDLE_ENDING,
  SIGNED_MANIFEST_LIMIT,
} from '../evidence/sigstore-bundle.ts';
import { lookUp } from '../files/look-up.ts';
import { readRegular, TooLargeError } from '../files/regular-file.ts';
import { readOwnFile } from '../files/user-file.ts';
import { PROVENANCE_LIMIT } from '../provenance/limits.ts';
import { findArchive, type FoundArchive } from './archive/archive.ts';
import type { ChartFiles, ExpectedChart, NamedBundles, NamedBytes } from './chart-files.ts';
import { NoProvenanceError } from './no-provenance.ts';
import type { InIndex } from './archive/operand-hints.ts';

/** What an index says of a chart whose archive is a file. */
export interface IndexedFile extends InIndex {
  readonly expected: ExpectedChart;
}

/** A chart in a file, with its provenance beside it, where Helm puts it; or such a provenance file alone. */
export class LocalChart implements ChartFiles {
  readonly label: string;
  readonly expected?: ExpectedChart;
  readonly #indexed: InIndex | undefined;

  /** @param path of the archive, or of a provenance file */
  constructor(path: string, indexed?: IndexedFile) {
    this.label = path;
    if (indexed !== undefined) this.expected = indexed.expected;
    this.#indexed = indexed;
  }

  get isElsewhere(): boolean {
    return false;
  }

  get isProvenanceAlone(): boolean {
    return this.label.endsWith('.prov');
  }

  get provenanceLabel(): string {
    return this.isProvenanceAlone ? this.label : `${this.label}.prov`;
  }

  async archive(): Promise<FoundArchive> {
    return await findArchive(this.label, { indexed: this.#indexed });
  }

  provenanceSize(): Promise<number> {
    const found = lookUp(this.provenanceLabel);
    return Promise.resolve(typeof found === 'string' ? 0 : Math.min(found.size, PROVENANCE_LIMIT));
  }

  async provenance(): Promise<Uint8Array> {
    const path = this.provenanceLabel;
    const bytes = await readProvenanceFile(path);
    if (bytes.length === 0) throw new InputError(`the provenance file ${path} is empty`, await howToGetIt());
    return bytes;
  }

  async bundles(): Promise<readonly NamedBundles[]> {
    const found: NamedBytes[] = [];
    for (const ending of BUNDLE_ENDINGS) found.push(...(await readBeside(this.label + ending, BUNDLE_LIMIT)));
    if (found.length === 0) return found;
    const [manifest] = await readBeside(this.label + MANIFEST_ENDING, SIGNED_MANIFEST_LIMIT);
    const [claim] = manifest ? await readBeside(this.label + CLAIM_ENDING, CLAIM_LIMIT) : [];
    return found.map((each) => ({ ...each, manifest: manifest?.bytes, claim: claim?.bytes }));
  }

  async evidence(): Promise<readonly NamedBytes[]> {
    return await readBeside(evidencePath(this.label), EVIDENCE_LIMIT);
  }

  async provenanceBundles(): Promise<readonly NamedBytes[]> {
    return await readBeside(this.label + PROVENANCE_BUNDLE_ENDING, EVIDENCE_LIMIT);
  }
}

/** Most charts have none of these files. */
async function readBeside(label: string, limit: number): Promise<readonly NamedBytes[]> {
  if (lookUp(label) === 'missing') return [];
  const bytes = await readOwnFile(label, limit, label);
  return bytes ? [{ label, bytes }] : [];
}

/** Hints are loaded only when one is shown. */
async function howToGetIt(): Promise<Hint> {
  return (await import('./archive/operand-hints.ts')).GET_PROVENANCE;
}

async function readProvenanceFile(path: string): Promise<Uint8Array> {
  try {
    return await readRegular(path, PROVENANCE_LIMIT);
  } catch (error) {
    if (error instanceof TooLargeError)
      throw new InputError(
        `expected ${path} to be a provenance file of at most ${PROVENANCE_LIMIT} bytes, found more`,
      );
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'ENOENT')
      throw new NoProvenanceError(`there is no provenance file ${path}`, await howToGetIt());
    throw new InputError(`cannot read ${path}: ${error.message}`);
  }
}
