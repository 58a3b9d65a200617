import { gather } from '../chart/local/text-file.ts';
import { InputError, messageOf, SigstoreError } from '../errors.ts';
import { readUserFile } from '../files/user-file.ts';
import type { KeyringSource } from '../keyring/source.ts';
import type { NetworkOption } from '../settings/option-groups.ts';
import { isUrl } from '../settings/path-value.ts';
import type { Settings } from '../settings/settings.ts';
import type { Context } from './context.ts';

/**
 * The file of keys that a word names: an https URL, a path, or `-` for standard input.
 * @throws UsageError on a URL that is not https or has credentials
 * @throws LogError, SigstoreError `UNCHECKED` when the server does not give the file
 * @throws InputError if it cannot be read, is empty, or has more bytes than anybody needs
 */
export async function readKeySource(
  word: string,
  settings: Settings<NetworkOption>,
  context: Context,
): Promise<KeyringSource> {
  if (isUrl(word)) {
    // Whoever has the file needs no HTTP client.
    const { downloadFiles } = await import('./key-download.ts');
    const [source] = await downloadFiles([word], settings, context);
    if (source !== undefined) return source;
  }
  const place = word === '-' ? 'standard input' : word;
  const bytes = await (word === '-' ? readInput(place, context) : readFile(word, context));
  if (bytes.length === 0) throw new InputError(`expected a key in ${place}, found nothing`);
  return { place, bytes };
}

/** Bytes: ten times what a Linux distribution has for all its developers. */
const KEYS_LIMIT = 256 << 20;

async function readFile(path: string, { interrupted }: Context): Promise<Uint8Array> {
  return await readUserFile(path, { limit: KEYS_LIMIT, interrupted });
}

async function readInput(place: string, context: Context): Promise<Uint8Array> {
  try {
    return await gather(context.stdin(), KEYS_LIMIT);
  } catch (error) {
    if (context.interrupted.aborted)
      throw new SigstoreError('UNCHECKED', 'interrupted before there was a key');
    throw new InputError(`cannot read ${place}: ${messageOf(error)}`, undefined, { cause: error });
  }
}
