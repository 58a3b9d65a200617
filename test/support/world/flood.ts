import type { ServerResponse } from 'node:http';
import { encodeHex, encodeUtf8 } from '../../../src/encoding.ts';
import type { Leaf } from '../hostile-log.ts';
import { entryIdOf } from '../independent/note.mjs';
import { leafHash } from '../independent/tree.mjs';
import type { HostileWorld } from './hostile-world.ts';

/** The most that the index may answer: anybody can log anything for any digest. */
export const MOST_FOUND = 10_000;
const RETRIEVE = 'POST /api/v1/log/entries/retrieve';

/** What the log was asked for after the index had answered. */
export interface Traffic {
  /** How many entries each request asked for. */
  readonly asked: number[];
  mostAtOnce: number;
}

/** An entry of somebody else, which is not worth a place in the tree. */
export interface OtherEntry {
  readonly uuid: string;
  readonly body: Uint8Array;
}

/** Entries of others for the same archive, each with a signature of its own: those from one number to another. */
export function others(world: HostileWorld, to: number, from = 0): OtherEntry[] {
  const { treeId } = world.log.active;
  prepared ??= { digest: world.digest, bodies: bodiesOfOthers(world) };
  const { digest, bodies } = prepared;
  return bodies.slice(from, to).map((text) => {
    const body = encodeUtf8(text.replace(digest, world.digest));
    return { uuid: entryIdOf(encodeHex(leafHash(body)), treeId), body };
  });
}

/** To make so many takes longer than to put another digest into them. */
let prepared: { readonly digest: string; readonly bodies: readonly string[] } | undefined;

function bodiesOfOthers(world: HostileWorld): string[] {
  const { signatureBytes } = world.provenance;
  const certificateBytes = world.minimised();
  return Array.from({ length: MOST_FOUND }, (_, number) => {
    const other = {
      signatureBytes: Buffer.concat([signatureBytes, encodeUtf8(`${number}`)]),
      certificateBytes,
    };
    return Buffer.from(world.body(other)).toString();
  });
}

/** Has the index answer with these entries, and answers them; what is said of others is not signed for each. */
export function floodWith({ log, server }: HostileWorld, entries: readonly (OtherEntry | Leaf)[]): Traffic {
  const traffic: Traffic = { asked: [], mostAtOnce: 0 };
  const known = new Map(entries.map((entry) => [entry.uuid, entry]));
  const [template] = Object.values(log.answerAbout(log.leaf(0), log.leaf(0).uuid)) as [object];
  const answerAbout = (entry: OtherEntry | Leaf): object =>
    'shard' in entry
      ? log.answerAbout(entry, entry.uuid)
      : { [entry.uuid]: { ...template, body: Buffer.from(entry.body).toString('base64') } };
  let atOnce = 0;

  log.indexed = entries.map(({ uuid }) => uuid);
  server.intercept = (path: string, response: ServerResponse, body: string) => {
    if (path !== RETRIEVE) return false;
    const { entryUUIDs } = JSON.parse(body) as { entryUUIDs: string[] };
    const found = entryUUIDs.flatMap((uuid) => known.get(uuid) ?? []);
    if (found.length === 0) return false; // these are the predicted leaves
    traffic.asked.push(entryUUIDs.length);
    traffic.mostAtOnce = Math.max(traffic.mostAtOnce, ++atOnce);
    setTimeout(() => {
      atOnce--;
      response.end(JSON.stringify(found.map(answerAbout)));
    }, 1);
    return true;
  };
  return traffic;
}
