import { join } from 'node:path';
import { InputError, MalformedError, messageOf } from '../../errors.ts';
import { parseCheckpoint, verifyCheckpointSignature } from '../../tlog/checkpoint.ts';
import { logKeyFromPem, type LogKey } from '../../tlog/log-key.ts';
import type { Damage } from './damages.ts';
import { openKey } from '../key-file.ts';
import { CHECKPOINT } from '../log/static-copy.ts';
import { TileFiles } from '../tiles/tile-files.ts';

/** The files of the key in the directory of a log. */
export const KEY_FILE = 'key.pem';
export const PUBLIC_KEY_FILE = 'public-key.pem';

/**
 * The public key of the log in a directory, and what is wrong with the files of its key.
 * @throws InputError when neither file has a key
 */
export async function keyOfDirectory(home: string): Promise<{ key: LogKey; problems: Damage[] }> {
  const files = new TileFiles(home);
  const problems: Damage[] = [];
  const isKept = files.read(KEY_FILE, 0, 1) !== undefined;
  let secret: LogKey | undefined;
  let shown: LogKey | undefined;
  try {
    if (isKept) secret = (await openKey(home, true)).key;
  } catch (error) {
    problems.push({ file: KEY_FILE, problem: messageOf(error).replace(`${join(home, KEY_FILE)} `, 'it ') });
  }
  try {
    shown = logKeyFromPem(files.read(PUBLIC_KEY_FILE)?.toString('utf8') ?? '');
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    problems.push({ file: PUBLIC_KEY_FILE, problem: messageOf(error) });
  }
  if (secret !== undefined && shown !== undefined && secret.logId !== shown.logId) {
    // Ed25519 has no private key that is malformed; which one it is shows what it signed.
    const isSecretOurs = signed(files, secret) || !signed(files, shown);
    problems.push({
      file: isSecretOurs ? PUBLIC_KEY_FILE : KEY_FILE,
      problem: `it is not the key that belongs to ${isSecretOurs ? KEY_FILE : PUBLIC_KEY_FILE}`,
    });
    return { key: isSecretOurs ? secret : shown, problems };
  }
  const key = secret ?? shown;
  if (key === undefined)
    throw new InputError(`${home} has no key of a log: ${problems.map(({ problem }) => problem).join('; ')}`);
  return { key, problems };
}

/** Whether the key signed the checkpoint that is there for tile clients. */
function signed(files: TileFiles, key: LogKey): boolean {
  try {
    return verifyCheckpointSignature(parseCheckpoint(files.read(CHECKPOINT)?.toString('utf8') ?? ''), key);
  } catch (error) {
    if (error instanceof MalformedError) return false;
    throw error;
  }
}
