import { join } from 'node:path';
import { InputError, messageOf } from '../../errors.ts';
import { AppendedFile } from '../../files/appended-file.ts';
import { isPresent } from '../../files/is-present.ts';
import { readUserFile } from '../../files/user-file.ts';
import { AccessLines, type AppendText } from './access-lines.ts';
import { atMost } from './at-most.ts';
import { isRotating } from '../log/finish-rotation.ts';
import { LIMITS } from '../limits.ts';
import { parseUploadTokens, type UploadTokens } from './admission.ts';
import type { TlsPair } from './listener.ts';
import { startEmbeddedLog, type EmbeddedLog, type EmbeddedLogOptions } from './server.ts';

/** A log and the files that belong to its service. */
export interface LogServiceOptions extends Omit<EmbeddedLogOptions, 'tls' | 'rules' | 'onAnswer' | 'warn'> {
  /** Paths of the certificate and its private key; absent: http. */
  readonly tlsFiles?: TlsPair | undefined;
  readonly isReadOnly: boolean;
  /** Path of the tokens that allow uploads. */
  readonly tokenFile?: string | undefined;
  /** Primary fingerprints of the only signers whose entries are taken; empty: all are. */
  readonly signers: readonly string[];
  /** Where a line for each request goes: the path of a file, or what takes text. */
  readonly accessLog?: string | AppendText | undefined;
  readonly warn: (text: string) => void;
  /** Ends the waiting for a file that is a pipe. */
  readonly interrupted: AbortSignal;
}

/** A log that answers, and can be told that its files changed. */
export interface LogService extends EmbeddedLog {
  /**
   * Reads the certificate and the tokens anew, and opens the access log anew. What cannot be read is told to the owner, and
   * stays as it was. Undefined: there are no such files.
   */
  readonly reload: (() => Promise<void>) | undefined;
}

/**
 * Serves a log with its files.
 * @throws UsageError, InputError as `startEmbeddedLog` does, and when one of the files cannot be read
 */
export async function startLogService(options: LogServiceOptions): Promise<LogService> {
  const { tlsFiles, tokenFile, accessLog, isReadOnly, signers, warn, interrupted, now } = options;
  // Nothing is started where nothing may be added.
  const { directory } = options;
  const isThere = (await isPresent(join(directory, 'public-key.pem'))) || (await isRotating(directory));
  if (isReadOnly && !isThere)
    throw new InputError(
      `expected a log in ${directory}, found none`,
      'without --read-only a new one is started there',
    );
  const readTls = tlsFiles && (() => readPair(tlsFiles, interrupted));
  const readTokens = tokenFile === undefined ? undefined : () => readTokenFile(tokenFile, interrupted);
  const [tls, tokens] = [await readTls?.(), await readTokens?.()];
  const file = typeof accessLog === 'string' ? await AppendedFile.open(accessLog) : undefined;
  const append = typeof accessLog === 'string' ? (text: string) => file?.append(text) : accessLog;
  const lines =
    append &&
    new AccessLines(
      async (text) => {
        await append(text);
      },
      now,
      (error) => {
        warn(`lines of the access log are lost: ${messageOf(error)}`);
      },
    );
  const log = await startEmbeddedLog({
    ...options,
    tls,
    rules: { isReadOnly, tokens, signers },
    ...(lines && {
      onAnswer: (answered) => {
        lines.add(answered);
      },
    }),
  }).catch(async (error: unknown) => {
    await file?.close();
    throw error;
  });
  const reloads = [
    readTls &&
      (async () => {
        log.replaceTls(await readTls());
      }),
    readTokens &&
      (async () => {
        log.replaceTokens(await readTokens());
      }),
    file && (() => file.reopen()),
  ].filter((reload) => reload !== undefined);
  return {
    ...log,
    reload: reloads.length === 0 ? undefined : () => eachReported(reloads, warn),
    close: async () => {
      await log.close();
      if (lines)
        await atMost(
          LIMITS.accessTimeout,
          lines.written().then(() => file?.close()),
        );
    },
  };
}

async function eachReported(
  reloads: readonly (() => Promise<void>)[],
  warn: (text: string) => void,
): Promise<void> {
  for (const reload of reloads)
    try {
      await reload();
    } catch (error) {
      warn(`what was there before stays in use: ${messageOf(error)}`);
    }
}

async function readPair({ cert, key }: TlsPair, interrupted: AbortSignal): Promise<TlsPair> {
  const read = async (path: string) =>
    Buffer.from(await readUserFile(path, { limit: PAIR_LIMIT, interrupted })).toString('latin1');
  return { cert: await read(cert), key: await read(key) };
}

async function readTokenFile(path: string, interrupted: AbortSignal): Promise<UploadTokens> {
  return parseUploadTokens(await readUserFile(path, { limit: TOKENS_LIMIT, interrupted }), path);
}

const PAIR_LIMIT = 1 << 20;
const TOKENS_LIMIT = 8 << 20;
