import { excerpt } from '../encoding.ts';
import { UsageError } from '../errors.ts';
import { parseFingerprint } from './fingerprints.ts';
import type { ServingOption } from './option-groups.ts';
import { spellingOf } from './options.ts';
import type { Settings } from './settings.ts';

/** How a log is to be served. */
export interface Serving {
  readonly directory: string;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Paths of the certificate and its private key; undefined: http. */
  readonly tlsFiles: { readonly cert: string; readonly key: string } | undefined;
  /** Whether http is served to other machines. */
  readonly mayBePlain: boolean;
  readonly isReadOnly: boolean;
  /** Path of the tokens that allow uploads. */
  readonly tokenFile: string | undefined;
  /** Primary fingerprints in lower case. */
  readonly signers: readonly string[];
  /** Path of the access log; `-` is standard error. */
  readonly accessLog: string | undefined;
}

/** How the settings say that a log is served. @throws UsageError when they contradict each other, or something is missing */
export function servingOf(settings: Settings<ServingOption>): Serving {
  const directory = settings.one('directory');
  if (directory === undefined)
    throw new UsageError('--dir is expected, found none', 'name a directory for the log: --dir ./log');
  const [isReadOnly, tokenFile] = [settings.has('readOnly'), settings.one('uploadTokenFile')];
  const signers = settings
    .all('allowSigner')
    .map((text) => parseFingerprint(text, spellingOf('allowSigner')));
  if (isReadOnly && (tokenFile !== undefined || signers.length > 0))
    throw new UsageError(
      `expected no ${spellingOf(tokenFile === undefined ? 'allowSigner' : 'uploadTokenFile')} beside --read-only, found one`,
      'a log that is read only takes entries from nobody: leave out one of them',
    );
  return {
    directory,
    ...parseAddress(settings.one('listen') ?? ''),
    tlsFiles: tlsFilesOf(settings),
    mayBePlain: settings.has('insecureHttp'),
    isReadOnly,
    tokenFile,
    signers,
    accessLog: settings.one('accessLog'),
  };
}

function tlsFilesOf(settings: Settings<ServingOption>): Serving['tlsFiles'] {
  const [cert, key] = [settings.one('tlsCert'), settings.one('tlsKey')];
  if (cert !== undefined && key !== undefined) {
    if (settings.has('insecureHttp'))
      throw new UsageError(
        'expected --tls-cert or --insecure-http, found both',
        'leave out --insecure-http: the log is served by https alone',
      );
    return { cert, key };
  }
  if (cert === undefined && key === undefined) return undefined;
  const [given, missing] = cert === undefined ? ['--tls-key', '--tls-cert'] : ['--tls-cert', '--tls-key'];
  throw new UsageError(`expected ${missing} beside ${given}, found none`, `name both files: ${missing} FILE`);
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
