import { join } from 'node:path';
import { encodeUtf8, equalBytes } from '../../encoding.ts';
import { InputError, RejectedError } from '../../errors.ts';
import { readRegular } from '../../files/regular-file.ts';
import { logKeyFromPem } from '../../tlog/log-key.ts';
import { ACKNOWLEDGED, acknowledgedBytes, AcknowledgedFile } from '../journal/acknowledged.ts';
import type { BackedUpLog } from './back-up.ts';
import { checkLog } from '../check/check-log.ts';
import { EntriesFile, forReading } from '../journal/entries-file.ts';
import { chainBefore } from '../journal/journal-lines.ts';
import { JOURNAL } from '../journal/journal.ts';
import { pemOfKey } from '../key-file.ts';
import { PUBLIC_KEY_FILE } from '../check/key-of-directory.ts';
import { RESTORED, RESTORED_TEXT } from '../restored.ts';

/**
 * Compares all that came out of a backup with what the log signed, and what nobody signed with what a backup has there.
 * @param archive what it came from, for messages
 * @throws RejectedError that names what is wrong; InputError when it has another format
 */
export async function requireRestoredLog(home: string, archive: string): Promise<BackedUpLog> {
  if (!(await isText(join(home, RESTORED), RESTORED_TEXT)))
    throw new InputError(
      `${archive} has another format than that of this version of helm sigstore`,
      'restore it with the version that made it, or a later one',
    );
  const { log, findings, count } = await checkLog(home);
  const [first] = findings;
  if (first !== undefined || log === undefined)
    throw damagedBackup(
      archive,
      first === undefined ? JOURNAL : first.file,
      (first?.problem ?? 'it has no log') + (count > 1 ? `, and ${count - 1} more` : ''),
    );
  const key = join(home, PUBLIC_KEY_FILE);
  if (!(await isText(key, pemOfKey(logKeyFromPem((await readRegular(key)).toString('utf8'))))))
    throw damagedBackup(archive, PUBLIC_KEY_FILE, 'it is not as the log writes it');
  await requireEnd(home, archive, log.size);
  return log;
}

/** A backup ends with the seal of the checkpoint that it notes as acknowledged. */
async function requireEnd(home: string, archive: string, size: number): Promise<void> {
  const path = join(home, ACKNOWLEDGED);
  const { file, last } = await AcknowledgedFile.open(path, forReading);
  await file.close();
  if (last?.count !== size || !equalBytes(acknowledgedBytes(last), await readRegular(path)))
    throw damagedBackup(archive, ACKNOWLEDGED, 'it is not that of the journal');
  const journal = await EntriesFile.open(join(home, JOURNAL), forReading);
  try {
    if (chainBefore(journal, await journal.size()) !== last.chain)
      throw damagedBackup(archive, JOURNAL, 'it goes on behind its last checkpoint');
  } finally {
    await journal.close();
  }
}

async function isText(path: string, text: string): Promise<boolean> {
  return equalBytes(await readRegular(path), encodeUtf8(text));
}

function damagedBackup(archive: string, file: string, problem: string): RejectedError {
  return new RejectedError(
    `${archive} is damaged, or was changed: ${file}: ${problem}`,
    'nothing was restored; take another backup',
  );
}
