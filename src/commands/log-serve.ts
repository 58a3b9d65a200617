import { once } from 'node:events';
import type { Answer } from '../cli/answer.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { diagnose, isDebugging, writeDiagnosis } from '../cli/diagnose.ts';
import { fingerprintLines } from '../run/log-keys.ts';
import { logMakingOf } from '../settings/log-making.ts';
import { LOG_MAKING_OPTIONS } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { startEmbeddedLog } from '../embedded-log/server.ts';
import { excerpt } from '../encoding.ts';
import { UsageError } from '../errors.ts';
import { isLoopback } from '../http/base-url.ts';
import { readPublicKeys } from '../trust/trusted-log-files.ts';

export const logServe = defineCommand({
  description:
    'Runs a transparency log with the Rekor v1 API, for provenance of charts, until it is interrupted. It keeps ' +
    'everything in one directory and starts a new log there if there is none. Whoever shall trust it needs the ' +
    'public key that it names, or its fingerprint for "log use" and "log pin". It takes entries from everybody ' +
    'who can reach it.',
  examples: ['log serve --dir ./log', 'log serve --dir /var/lib/chart-log --listen 127.0.0.1:0'],
  options: ['directory', 'listen', ...LOG_MAKING_OPTIONS],
  run: serveLog,
});

async function serveLog(
  _: readonly string[],
  settings: Settings<'directory' | 'listen' | (typeof LOG_MAKING_OPTIONS)[number]>,
  context: RunContext,
): Promise<Answer> {
  const { stdout, stderr, now, interrupted, takeTime } = context;
  const directory = settings.one('directory');
  if (directory === undefined)
    throw new UsageError('--dir is expected, found none', 'name a directory for the log: --dir ./log');
  const { host, port } = parseAddress(settings.one('listen') ?? '');
  if (!isLoopback(host.includes(':') ? `[${host}]` : host))
    stderr.warn(`everybody who can reach ${host} can add to this log, and nothing is encrypted`);
  const log = await startEmbeddedLog({
    ...logMakingOf(settings),
    directory,
    host,
    port,
    now,
    warn: (text) => {
      stderr.warn(text);
    },
    onFailure: (error) => {
      writeDiagnosis(diagnose(error, isDebugging(context)), stderr);
    },
  });
  const fingerprints = fingerprintLines(await readPublicKeys(log.publicKeyPath));
  stdout.print([
    `Serving on ${log.url}`,
    `Public Key: ${log.publicKeyPath}`,
    ...fingerprints,
    `Tree ID: ${log.treeId}`,
  ]);
  takeTime();
  // A program that starts the log waits for these lines.
  const isKnown = (await stdout.failure()) === undefined;
  const ended = isKnown ? await Promise.race([log.mustEnd, interruption(interrupted)]) : undefined;
  await log.close();
  if (ended !== undefined) throw ended;
  return { status: 0, text: [], document: {} };
}

async function interruption(interrupted: AbortSignal): Promise<void> {
  if (!interrupted.aborted) await once(interrupted, 'abort');
}

/** The parts of `HOST:PORT`, with an IPv6 address in brackets. @throws UsageError */
function parseAddress(text: string): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || !(port <= 65_535))
    throw new UsageError(`--listen expects HOST:PORT, such as 127.0.0.1:3000, found ${excerpt(text)}`);
  return { host, port };
}
