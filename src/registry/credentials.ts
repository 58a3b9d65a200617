import { InputError, MalformedError } from '../errors.ts';
import { readOwnFile } from '../files/user-file.ts';
import { credentialIn, DOCKER_HUB, type Credential, type FoundInFile } from './auth-file.ts';
import { askHelper, type HelperSurroundings } from './credential-helper.ts';
import { DOCKER_HUB_HOSTS } from './registry-address.ts';

/** A credential, and where it comes from, for people. */
export interface FoundCredential {
  readonly credential: Credential;
  readonly place: string;
}

/** A credential that was given for one registry. */
export interface RegistryLogin {
  readonly host: string;
  readonly found: FoundCredential;
}

/** The credentials of registries, as Helm and Docker keep them. Each file and helper is asked when it is needed. */
export class CredentialFiles {
  readonly #paths: readonly string[];
  readonly #surroundings: HelperSurroundings;
  readonly #known = new Map<string, Promise<FoundCredential | undefined>>();

  /**
   * @param paths files in the form of Docker's `config.json`; they need not exist
   * @param login counts before all of them
   */
  constructor(paths: readonly string[], surroundings: HelperSurroundings, login?: RegistryLogin) {
    this.#paths = paths;
    this.#surroundings = surroundings;
    if (login !== undefined) this.#known.set(login.host, Promise.resolve(login.found));
  }

  /**
   * The credential for a registry: the first file that has something for it counts, even if the registry does not take
   * that. Undefined where none has anything.
   * @throws InputError if a file cannot be read or is malformed: it never counts as missing
   * @throws SigstoreError `UNCHECKED` if a helper fails
   */
  async find(host: string): Promise<FoundCredential | undefined> {
    let finding = this.#known.get(host);
    if (finding === undefined) this.#known.set(host, (finding = this.#look(host)));
    return await finding;
  }

  async #look(host: string): Promise<FoundCredential | undefined> {
    const key = DOCKER_HUB_HOSTS.includes(host) ? DOCKER_HUB : host;
    for (const place of this.#paths) {
      const found = await readCredential(place, key);
      const credential =
        found?.kind === 'helper' ? await askHelper(found.name, key, this.#surroundings) : found;
      if (credential !== undefined) return { credential, place };
    }
    return undefined;
  }
}

const FILE_LIMIT = 1 << 20;

async function readCredential(path: string, key: string): Promise<FoundInFile | undefined> {
  const bytes = await readOwnFile(path, FILE_LIMIT, `the credentials ${path}`);
  if (bytes === undefined) return undefined;
  try {
    return credentialIn(bytes, key);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InputError(
      `cannot read the credentials of ${key} in ${path}: ${error.message}`,
      'correct the file, or log in again with helm registry login',
    );
  }
}
