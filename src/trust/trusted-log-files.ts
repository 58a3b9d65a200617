import { readFile } from 'node:fs/promises';
import { decodeUtf8 } from '../encoding.ts';
import { InputError, MalformedError, messageOf } from '../errors.ts';
import { logKeysFromPemFile, type LogKey } from '../tlog/log-key.ts';
import { parseJson } from '../shape.ts';
import { readPin } from './pins.ts';
import { PUBLIC_LOG } from './public-good.ts';
import { loadSigstoreRoot, logOfRoot } from './sigstore-root.ts';
import type { TrustChoice, TrustedLog } from './trusted-log.ts';
import { parseTrustedRoot } from './trusted-root.ts';

/**
 * The log at this URL with the keys that count for it: those that were chosen, else its pin, else, for Sigstore's
 * public log, those of Sigstore's trusted root. Undefined: no key of this log is trusted.
 * @param pins the directory of the pins; undefined: there is none
 * @param refreshed the directory of the refreshed copy of Sigstore's trusted root; undefined: there is none
 * @throws InputError if a file that was chosen, or the pin, cannot be read or is not what it should be
 */
export async function selectTrustedLog(
  url: string,
  choice: TrustChoice,
  pins: string | undefined,
  refreshed: string | undefined,
): Promise<TrustedLog | undefined> {
  switch (choice.kind) {
    case 'public-key-files': {
      const keys = (await Promise.all(choice.paths.map(readPublicKeys))).flat();
      return { url, keys, source: { kind: 'public-key-file', detail: choice.paths.join(', ') } };
    }
    case 'trusted-root-file': {
      const keys = await readTrustedRoot(choice.path);
      return { url, keys, source: { kind: 'trusted-root', detail: choice.path } };
    }
    case 'sigstore-root':
      return logOfRoot(url, await loadSigstoreRoot(refreshed), true);
    case 'none': {
      const pinned = await pinnedLog(url, pins);
      if (pinned !== undefined || url !== PUBLIC_LOG) return pinned;
      return logOfRoot(url, await loadSigstoreRoot(refreshed), false);
    }
  }
}

async function pinnedLog(url: string, pins: string | undefined): Promise<TrustedLog | undefined> {
  const pin = pins === undefined ? undefined : await readPin(pins, url);
  return pin && { url, keys: pin.keys, source: { kind: 'pin', detail: pin.path } };
}

async function readPublicKeys(path: string): Promise<LogKey[]> {
  return await readAs(path, 'the public keys of a log in PEM', (bytes) =>
    logKeysFromPemFile(decodeUtf8(bytes)),
  );
}

async function readTrustedRoot(path: string): Promise<LogKey[]> {
  return await readAs(path, 'a trusted root', (bytes) => {
    const keys = parseTrustedRoot(parseJson(bytes)).map(({ key }) => key);
    if (keys.length === 0) throw new MalformedError('there is no key of a Rekor v1 log in it');
    return keys;
  });
}

async function readAs<T>(path: string, what: string, parse: (bytes: Uint8Array) => T): Promise<T> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new InputError(isMissing ? `there is no file ${path}` : `cannot read ${path}: ${messageOf(error)}`);
  }
  try {
    return parse(bytes);
  } catch (error) {
    if (error instanceof MalformedError)
      throw new InputError(`expected ${path} to hold ${what}: ${error.message}`);
    throw error;
  }
}
