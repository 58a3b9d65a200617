import { InputError, UsageError } from '../errors.ts';
import { readUserFile } from '../files/user-file.ts';
import type { Context } from '../run/context.ts';
import type { SigningOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';

/**
 * The passphrase of the key, as gpg reads it: the first line of the file that the settings name, with its line end. It is read
 * once, as a pipe cannot be read for each chart. Undefined: none is named.
 * @throws InputError if it cannot be read, or has more bytes than any passphrase
 */
export async function passphraseOf(
  settings: Settings<SigningOption>,
  { stdin, interrupted }: Pick<Context, 'stdin' | 'interrupted'>,
): Promise<Uint8Array | undefined> {
  const path = settings.one('passphraseFile');
  if (path === undefined) return undefined;
  const bytes = path === '-' ? await all(stdin()) : await readUserFile(path, { limit: LIMIT, interrupted });
  const end = bytes.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  return Buffer.concat([end < 0 ? bytes : bytes.subarray(0, end), Buffer.from('\n')]);
}

/** Asked before the charts are read. @throws UsageError if standard input is to be the passphrase and something else as well */
export function requireOneInput(settings: Settings<SigningOption>): void {
  if (settings.one('passphraseFile') === '-' && settings.one('fromFile') === '-')
    throw new UsageError(
      'standard input cannot be the passphrase and a list of charts',
      'name a file for one of them',
    );
}

/** In bytes; gpg takes 255. */
const LIMIT = 64 << 10;

async function all(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const found: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > LIMIT)
      throw new InputError(`expected a passphrase on standard input, found more than ${LIMIT} bytes`);
    found.push(piece);
  }
  return Buffer.concat(found);
}
