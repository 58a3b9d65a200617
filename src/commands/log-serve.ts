import { once } from 'node:events';
import type { Answer, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { diagnose, writeDiagnosis } from '../cli/diagnose.ts';
import type { Settings } from '../cli/settings.ts';
import { startEmbeddedLog } from '../embedded-log/server.ts';
import { excerpt } from '../encoding.ts';
import { UsageError } from '../errors.ts';
import { isLoopback } from '../http/base-url.ts';

export const logServe: CommandDefinition = {
  description:
    'Runs a transparency log with the Rekor v1 API, for provenance of charts, until it is interrupted. It keeps\n' +
    'everything in one directory and starts a new log there if there is none. Whoever shall trust it needs the\n' +
    'public key that it names. It takes entries from everybody who can reach it.',
  examples: ['log serve --dir ./log', 'log serve --dir /var/lib/chart-log --listen 127.0.0.1:0'],
  options: ['directory', 'listen'],
  run: serveLog,
};

async function serveLog(_: readonly string[], settings: Settings, context: Context): Promise<Answer> {
  const { stdout, stderr, now, interrupted } = context;
  const directory = settings.one('directory');
  if (directory === undefined)
    throw new UsageError('--dir is expected, found none', 'name a directory for the log: --dir ./log');
  const { host, port } = parseAddress(settings.one('listen') ?? '');
  if (!isLoopback(host.includes(':') ? `[${host}]` : host))
    stderr.write(`Warning: everybody who can reach ${host} can add to this log, and nothing is encrypted\n`);
  const log = await startEmbeddedLog({
    directory,
    host,
    port,
    now,
    onFailure: (error) => {
      writeDiagnosis(diagnose(error, context.env['HELM_DEBUG'] === 'true'), stderr);
    },
  });
  stdout.write(`Serving on ${log.url}\nPublic Key: ${log.publicKeyPath}\nTree ID: ${log.treeId}\n`);
  if (!interrupted.aborted) await once(interrupted, 'abort');
  await log.close();
  return { status: 0, text: '', document: {} };
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
