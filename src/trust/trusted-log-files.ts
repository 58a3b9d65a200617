import { InputError, MalformedError } from '../errors.ts';
import { readUserFile } from '../files/user-file.ts';
import { logKeyFromSpki, logKeysFromPemFile, type LogKey } from '../tlog/log-key.ts';
import { parseJson } from '../shape.ts';
import { decodeUserText, inUtf8, mistakenFor } from '../user-text.ts';
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
 * @param interrupted ends the waiting for a file that is a pipe
 * @throws InputError if a file that was chosen, or the pin, cannot be read or is not what it should be
 */
export async function selectTrustedLog(
  url: string,
  choice: TrustChoice,
  pins: string | undefined,
  refreshed: string | undefined,
  interrupted?: AbortSignal,
): Promise<TrustedLog | undefined> {
  switch (choice.kind) {
    case 'public-key-files': {
      const keys = (await Promise.all(choice.paths.map((path) => readPublicKeys(path, interrupted)))).flat();
      return { url, keys, source: { kind: 'public-key-file', detail: choice.paths.join(', ') } };
    }
    case 'trusted-root-file': {
      const keys = await readTrustedRoot(choice.path, interrupted);
      // One of a Sigstore without a Rekor v1 says whose bundles count, and nothing of this log.
      return keys.length === 0
        ? undefined
        : { url, keys, source: { kind: 'trusted-root', detail: choice.path } };
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

/** The keys of a log in a file with PEM blocks. @throws InputError if it cannot be read, or is something else */
export async function readPublicKeys(path: string, interrupted?: AbortSignal): Promise<LogKey[]> {
  return await readAs(
    { path, interrupted },
    'the public keys of a log in PEM',
    'PEM blocks "PUBLIC KEY"',
    (bytes) => logKeysFromPemFile(decodeUserText(bytes)),
  );
}

async function readTrustedRoot(path: string, interrupted?: AbortSignal): Promise<LogKey[]> {
  return await readAs({ path, interrupted }, 'a trusted root', 'JSON', (bytes) => {
    const json = parseJson(inUtf8(bytes));
    const keys = parseTrustedRoot(json).map(({ key }) => key);
    if (keys.length === 0 && !hasLogs(json))
      throw new MalformedError('there is no key of a Rekor v1 log in it');
    return keys;
  });
}

/** Whether a trusted root has logs, of whatever version. */
function hasLogs(json: unknown): boolean {
  const { tlogs } = json as { readonly tlogs?: unknown };
  return Array.isArray(tlogs) && tlogs.length > 0;
}

/** Sigstore's own trusted root has 7 kB. */
const LIMIT = 1024 * 1024;

async function readAs<T>(
  { path, interrupted }: { readonly path: string; readonly interrupted: AbortSignal | undefined },
  what: string,
  form: string,
  parse: (bytes: Uint8Array) => T,
): Promise<T> {
  const bytes = await readUserFile(path, { limit: LIMIT, interrupted });
  try {
    return parse(bytes);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    const mistaken = mistakenFor(bytes);
    const expected = `expected ${path} to hold ${what}`;
    if (mistaken === undefined) throw new InputError(`${expected}: ${error.message}`, otherOption(bytes));
    const remedy = mistaken.remedy ?? (isPublicKey(bytes) ? FROM_DER : undefined);
    throw new InputError(`${expected}: expected ${form}, found ${mistaken.name}`, remedy);
  }
}

function isPublicKey(der: Uint8Array): boolean {
  try {
    return logKeyFromSpki(der).logId !== '';
  } catch (error) {
    if (error instanceof MalformedError) return false;
    throw error;
  }
}

const FROM_DER =
  'convert it to PEM, for --rekor-public-key: openssl pkey -pubin -inform der -in FILE -out log.pem';

/** Which option this file belongs to: users mix up keys in PEM and a trusted root. */
function otherOption(bytes: Uint8Array): string | undefined {
  const [first] = Buffer.from(inUtf8(bytes)).toString('utf8').trimStart();
  if (first === '{')
    return 'a trusted root is named with --trusted-root, public keys in PEM with --rekor-public-key';
  return first === '-'
    ? 'public keys in PEM are named with --rekor-public-key, a trusted root with --trusted-root'
    : undefined;
}
