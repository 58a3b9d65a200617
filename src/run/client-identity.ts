import type { Repository } from '../chart/fetch/repositories.ts';
import { InputError } from '../errors.ts';
import { readUserFile } from '../files/user-file.ts';
import { authoritiesOf, onlyThese, type Authorities } from '../http/authorities.ts';
import { readCaFile } from '../http/ca-file.ts';
import type { Settings } from '../settings/settings.ts';
import type { Context } from './context.ts';

/**
 * What vouches for a server of charts, and for this client there: by options, else as `helm repo add` keeps it for the
 * repository. Undefined: the same as for every server.
 * @throws InputError if one of the files cannot be read, or is something else
 */
export async function clientIdentity(
  settings: Settings<'caFile' | 'certFile' | 'keyFile'>,
  { env, interrupted }: Context,
  repository: Repository | undefined,
): Promise<Authorities | undefined> {
  const caFile = settings.one('caFile') ?? repository?.caFile;
  const fromFlags = settings.one('certFile') !== undefined;
  const certFile = fromFlags ? settings.one('certFile') : repository?.certFile;
  const keyFile = fromFlags ? settings.one('keyFile') : repository?.keyFile;
  const ofRepository = settings.one('caFile') === undefined && repository?.caFile !== undefined;
  const { isTlsSkipped = false, name = '' } = repository ?? {};
  if (certFile === undefined && keyFile === undefined && !ofRepository && !isTlsSkipped) return undefined;
  const base = caFile === undefined ? authoritiesOf(env) : onlyThese(await readCaFile(caFile, interrupted));
  const shown = {
    ...(certFile !== undefined && { cert: await readCaFile(certFile, interrupted) }),
    ...(keyFile !== undefined && { key: await readPrivateKey(keyFile, interrupted) }),
  };
  return {
    load: async () => ({ ...(await base.load()), ...shown }),
    whenUntrusted: () => {
      if (ofRepository)
        return `only the authorities that helm repo add keeps for ${name} count there: give others with --ca-file`;
      return isTlsSkipped
        ? `that Helm skips this check for the repository ${name} (insecure_skip_tls_verify) does not count here: give the file of its authority with --ca-file`
        : base.whenUntrusted();
    },
  };
}

async function readPrivateKey(path: string, interrupted: AbortSignal): Promise<string> {
  const text = Buffer.from(await readUserFile(path, { limit: LIMIT, interrupted })).toString('latin1');
  if (!/^-----BEGIN (?:[A-Z]{1,9} )?PRIVATE KEY-----/m.test(text))
    throw new InputError(`expected ${path} to hold a private key in PEM, without a passphrase, found none`);
  return text;
}

const LIMIT = 1 << 20;
