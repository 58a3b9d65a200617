import { FakeTiledLog, type LogLies } from '../fake-tiled-log.ts';
import { serve, type LoopbackServer } from '../loopback.ts';
import { SignatureLog } from '../signature-log.ts';
import type { Folder } from './folder.ts';

/** How the timestamps differ from honest ones. */
export interface TimestampLies {
  /** Answers in place of an honest timestamp. */
  readonly answer?: (honest: Buffer) => { readonly status?: number; readonly body: Buffer };
  /** When it is, in seconds since 1970. */
  readonly at?: number;
}

/** A Rekor v2 and a timestamp authority of one test, with the files that name them. */
export interface SecondLog {
  readonly log: FakeTiledLog;
  readonly timestamps: LoopbackServer;
  /** The options that name both, and make their keys trusted. */
  readonly options: readonly string[];
  /** The path of a trusted root. */
  readonly trustedRoot: string;
  /** The path of a signing config. */
  readonly signingConfig: string;
}

export async function secondLog(
  folder: Folder,
  { log: logLies = {}, timestamps: lies = {} }: { log?: LogLies; timestamps?: TimestampLies } = {},
): Promise<SecondLog> {
  const log = await FakeTiledLog.start(logLies, 3);
  const authority = new SignatureLog();
  const timestamps = await serve((_, response) => {
    const { artifactHash, nonce } = JSON.parse(timestamps.seen.at(-1)?.body ?? '{}') as {
      readonly artifactHash: string;
      readonly nonce: number;
    };
    const bytes = Buffer.alloc(6);
    bytes.writeUIntBE(nonce, 0, 6);
    const at = lies.at ?? Math.floor(Date.now() / 1000);
    const honest = authority.timestampOver(Buffer.from(artifactHash, 'base64'), at, bytes);
    const { status = 201, body } = lies.answer?.(honest) ?? { body: honest };
    response.writeHead(status).end(body);
  });
  const root = { ...authority.trustedRoot(), tlogs: [log.trustedLog] };
  const name = `second-${log.server.url.slice(-5)}`;
  const trustedRoot = await folder.write(`${name}-root.json`, JSON.stringify(root));
  const signingConfig = await folder.write(`${name}-config.json`, JSON.stringify(configOf(log, timestamps)));
  const options = ['--signing-config', signingConfig, '--trusted-root', trustedRoot];
  return { log, timestamps, options, trustedRoot, signingConfig };
}

/** A signing config 0.2. @param versions of the API of the log */
export function configOf(
  { server }: FakeTiledLog,
  timestamps: LoopbackServer,
  versions: readonly number[] = [2],
): object {
  const service = (url: string, majorApiVersion: number) => ({
    url,
    majorApiVersion,
    validFor: { start: '2021-01-01T00:00:00Z' },
    operator: 'test',
  });
  return {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    rekorTlogUrls: versions.map((version) => service(server.url, version)),
    rekorTlogConfig: { selector: 'ANY' },
    tsaUrls: [service(timestamps.url, 1)],
    tsaConfig: { selector: 'ANY' },
  };
}
