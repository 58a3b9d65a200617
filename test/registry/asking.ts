import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CredentialFiles } from '../../src/registry/credentials.ts';
import type { Sha256 } from '../../src/digest.ts';
import { Registries, type RegistryOptions } from '../../src/registry/registries.ts';
import type { RemoteRepository } from '../../src/registry/remote-repository.ts';
import { testClient, testDeadline } from '../http/client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import type { TestRegistry } from '../support/registry/server.ts';

/** The repository of the tests. */
export const REPOSITORY = 'charts/hello';

/** The registries of a run of a test. */
export function registriesOf(options: Partial<RegistryOptions> = {}): Registries {
  return new Registries({
    http: testClient(),
    credentials: credentialsIn([]),
    plainHttp: { isForced: false, isForbidden: false },
    ...options,
  });
}

/** The repository of the tests, in a registry. */
export async function repositoryIn(
  { host }: Pick<TestRegistry, 'host'>,
  options: Partial<RegistryOptions> = {},
): Promise<RemoteRepository> {
  return await registriesOf(options).repository({ host, repository: REPOSITORY }, testDeadline());
}

/** Files of credentials. */
export function credentialsIn(
  paths: readonly string[],
  env: Readonly<Record<string, string>> = {},
): CredentialFiles {
  return new CredentialFiles(paths, { env, interrupted: new AbortController().signal });
}

/** Credentials in a file of the form of Docker's `config.json`. */
export async function credentialsWith(config: object): Promise<CredentialFiles> {
  return credentialsIn([await configFile(config)]);
}

/** A file with this content; its path. */
export async function configFile(config: object | string): Promise<string> {
  const path = join(await temporaryDirectory(), 'config.json');
  await writeFile(path, typeof config === 'string' ? config : JSON.stringify(config));
  return path;
}

/** The entry of `auths` for a password. */
export function passwordEntry({
  name,
  password,
}: {
  readonly name: string;
  readonly password: string;
}): object {
  return { auth: Buffer.from(`${name}:${password}`).toString('base64') };
}

/** A digest without its algorithm. */
export function hexOf(digest: string): Sha256 {
  return digest.replace('sha256:', '') as Sha256;
}

/** A digest that nothing has. */
export const OTHER_DIGEST = `sha256:${'a'.repeat(64)}`;
