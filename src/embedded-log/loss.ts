/**
 * The entries that are missing at the end of a file of records, such as after restoring an older copy of it.
 */
export interface Loss {
  /** Where the file ends, in bytes: with a batch that is whole. */
  readonly end: number;
  /** Where it ended when an entry was last acknowledged, in bytes. */
  readonly told: number;
}

/** The line that tells the owner of the log what is lost and what to do. */
export function lossForOwner(path: string, { end, told }: Loss): string {
  return (
    `${path} lost entries that clients were told of: it ends at byte ${end}, and once reached byte ${told}; ` +
    'what is left can be read, uploads are refused and nothing is signed: ' +
    'stop this server and restore the newest copy of the directory'
  );
}

/** What clients that upload are told. */
export function lossForClients({ end, told }: Loss): string {
  return (
    `this log lost entries that clients were told of: its records end at byte ${end}, and once reached byte ${told}; ` +
    'whoever runs it has to restore the newest copy'
  );
}
