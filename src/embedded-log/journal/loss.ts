import type { Acknowledged } from './acknowledged.ts';

/**
 * The entries that are missing at the end of a file of records, such as after restoring an older copy of it.
 */
export interface Loss {
  /** How far the file goes, in the unit of `last`: it ends with a batch that is whole. */
  readonly found: number;
  /** How far it went when an entry was last acknowledged. */
  readonly last: Acknowledged;
}

/** The line that tells the owner of the log what is lost and what to do. */
export function lossForOwner(path: string, loss: Loss): string {
  return (
    `${path} lost entries that clients were told of: it ${extent(loss)}; ` +
    'what is left can be read, uploads are refused and nothing is signed: ' +
    'stop this server and restore the newest copy of the directory'
  );
}

/** What clients that upload are told. */
export function lossForClients(loss: Loss): string {
  return (
    `this log lost entries that clients were told of: it ${extent(loss)}; ` +
    'whoever runs it has to restore the newest copy'
  );
}

function extent({ found, last: { unit, count } }: Loss): string {
  return unit === 'bytes'
    ? `ends at byte ${found}, and once reached byte ${count}`
    : `ends with ${found} entries, and once had ${count}`;
}
