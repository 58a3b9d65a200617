import { readdirSync } from 'node:fs';
import type { EntryAnswer } from '../../src/embedded-log/log/entry-answer.ts';
import { readVector, readVectorJson, vectorPath, vectors } from './vectors.ts';

/** A request and what a real Rekor answered, as recorded in the vectors. */
export interface Exchange {
  readonly name: string;
  readonly about: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string | null;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
}

/** One entry as the API spells it, under its ID. */
export interface RecordedEntry extends EntryAnswer {
  readonly uuid: string;
}

/** An upload whose leaf was predicted before it was sent. */
export interface PredictedUpload {
  readonly chart: string;
  readonly key: string;
  /** Base64 of the binary certificate that was sent. */
  readonly minimisedCertificate: string;
  /** Base64. */
  readonly canonicalBody: string;
  /** 64 hexadecimal digits. */
  readonly leafHash: string;
  /** The 80-digit entry ID that the server gave. */
  readonly uuid: string;
}

/** A folder of recorded exchanges. */
export type Folder = 'exchanges' | 'shards' | 'catalogue';

/** All exchanges of a folder in the order of their names; none where there are no vectors. */
export function exchanges(folder: Folder): Exchange[] {
  if (vectors === undefined) return [];
  return readdirSync(vectorPath('rekor', 'recorded', folder))
    .filter((file) => file.endsWith('.json'))
    .map((file) => exchange(folder, file.slice(0, -'.json'.length)));
}

/** The exchange of this name. */
export function exchange(folder: Folder, name: string): Exchange {
  const recorded = readVectorJson('rekor', 'recorded', folder, `${name}.json`) as Omit<Exchange, 'name'>;
  return { name, ...recorded };
}

/** The uploads of `entries.json`, in the order of their log indexes; none where there are no vectors. */
export function predictedUploads(): PredictedUpload[] {
  if (vectors === undefined) return [];
  return readVectorJson('rekor', 'recorded', 'entries.json') as PredictedUpload[];
}

/** The entries that an exchange answers with (one map of entries, or a list of such maps). */
export function entriesOf({ response }: Exchange): RecordedEntry[] {
  const answer = JSON.parse(response.body) as Record<string, Omit<RecordedEntry, 'uuid'>>;
  return [answer]
    .flat()
    .flatMap((map) => Object.entries(map))
    .map(([uuid, entry]) => ({ uuid, ...entry }));
}

/** Bytes of a file beside the recorded exchanges, for example `charts/NAME.tgz.prov`. */
export function recordedFile(...parts: string[]): Uint8Array {
  return readVector('rekor', 'recorded', ...parts);
}
