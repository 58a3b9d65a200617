import { decodeUtf8, excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { parseJson } from '../shape.ts';
import { withoutTrailing } from '../trailing.ts';

/** What proves to a registry who asks. */
export type Credential =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** Is exchanged for tokens of a registry, by POST. */
  | { readonly kind: 'identity'; readonly token: string }
  /** A token that the registry itself takes. */
  | { readonly kind: 'registry'; readonly token: string };

/** What a file of credentials has for one registry: the credential itself, or who knows it. */
export type FoundInFile = Credential | { readonly kind: 'helper'; readonly name: string };

/** Where files keep the credential of Docker Hub. */
export const DOCKER_HUB = 'https://index.docker.io/v1/';

/**
 * What a file in the form of Docker's `config.json` has for a registry: `credHelpers` for the host, else `credsStore`, else
 * `auths`. Undefined if it has nothing.
 * @param key the host with its port, or the key of Docker Hub
 * @throws MalformedError if the file is not of this form as far as it is read; the message shows no secret
 */
export function credentialIn(bytes: Uint8Array, key: string): FoundInFile | undefined {
  const file = objectIn(bytes.length === 0 ? {} : jsonIn(bytes), 'the file') ?? {};
  const helper = own(objectIn(own(file, 'credHelpers'), 'credHelpers') ?? {}, key) ?? own(file, 'credsStore');
  if (helper !== undefined && helper !== '') return { kind: 'helper', name: helperName(helper) };
  const auths = objectIn(own(file, 'auths'), 'auths') ?? {};
  // Older tools wrote whole URLs.
  const found = own(auths, key) ?? own(auths, Object.keys(auths).find((name) => hostOf(name) === key) ?? key);
  const entry = objectIn(found, 'the entry of the registry in auths');
  return entry && credentialOf(entry);
}

type Members = Readonly<Record<string, unknown>>;

function credentialOf(entry: Members): Credential | undefined {
  const registryToken = textIn(entry, 'registrytoken');
  if (registryToken !== '') return { kind: 'registry', token: registryToken };
  const identityToken = textIn(entry, 'identitytoken');
  if (identityToken !== '') return { kind: 'identity', token: identityToken };
  const auth = textIn(entry, 'auth');
  const [user, password] =
    auth === '' ? [textIn(entry, 'username'), textIn(entry, 'password')] : userIn(auth);
  return user === '' && password === '' ? undefined : { kind: 'password', user, password };
}

/** The user and the password of base64 text, which is read as Go reads it. */
function userIn(auth: string): readonly [user: string, password: string] {
  const text = /^[A-Za-z0-9+/]*={0,2}$/.test(auth) ? decodeUtf8(Buffer.from(auth, 'base64')) : '';
  const colon = text.indexOf(':');
  if (colon < 0) throw new MalformedError('auth: expected base64 of user:password');
  // Docker pads passwords with NULs.
  return [text.slice(0, colon), withoutTrailing(text.slice(colon + 1), '\0')];
}

function helperName(value: unknown): string {
  if (typeof value === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(value)) return value;
  const found = typeof value === 'string' ? excerpt(value) : 'no text';
  throw new MalformedError(
    `expected the name of a credential helper (letters, digits, dots, dashes), found ${found}`,
  );
}

function textIn(entry: Members, name: string): string {
  const value = own(entry, name) ?? '';
  if (typeof value !== 'string') throw new MalformedError(`${name}: expected a text`);
  return value;
}

function objectIn(value: unknown, place: string): Members | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value))
    throw new MalformedError(`${place}: expected an object`);
  return value as Members;
}

function own(members: Members, name: string): unknown {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

function hostOf(name: string): string {
  return name.replace(/^https?:\/\//, '').split('/', 1)[0] ?? '';
}

function jsonIn(bytes: Uint8Array): unknown {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  try {
    return parseJson(hasMark ? bytes.subarray(3) : bytes);
  } catch (error) {
    // The error would show what the file begins with.
    throw error instanceof MalformedError ? new MalformedError('expected JSON, found something else') : error;
  }
}
