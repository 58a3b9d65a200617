/** The file that says of a directory that it is a copy of a log, which others may have seen in a later state. */
export const RESTORED = 'restored';

/** What is in it: the version of the format of backups, and what people should know. */
export const RESTORED_TEXT =
  'helm-sigstore backup 1\n' +
  'This is a copy of a log. Clients may know of entries that came later, so nothing is added to it before\n' +
  '"helm sigstore log resume" was told of the newest checkpoint that anybody has.\n';

/** The line that tells the owner of a log why nothing is added to it. */
export function restoredForOwner(home: string): string {
  return (
    `the log in ${home} was restored from a backup: it can be read, uploads are refused and nothing is signed ` +
    'until "helm sigstore log resume" was told of the newest checkpoint that anybody has'
  );
}

/** What clients that upload are told. */
export const RESTORED_FOR_CLIENTS =
  'this log was restored from a backup, and takes no entries yet; ' +
  'whoever runs it has to end that with "helm sigstore log resume"';
