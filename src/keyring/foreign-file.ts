import { MalformedError } from '../errors.ts';

/** A file that is no file of keys: what it is, and what its owner can do about it. */
export class ForeignFileError extends MalformedError {
  /** @param found names what it is: "a web page" */
  constructor(
    readonly found: string,
    readonly hint: string,
  ) {
    super(`expected OpenPGP keys, found ${found}`);
  }
}

/**
 * What a file is that was given in place of a file of keys, by its content; `undefined` if nobody knows.
 * @param text the file, with a character for each byte or, of UTF-16, for each code unit
 * @param holdsKeys whether bytes that were decoded once more are a file of keys
 */
export function describeForeignFile(
  text: string,
  holdsKeys: (bytes: Uint8Array) => boolean,
): ForeignFileError | undefined {
  const start = text.slice(text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0, START).trimStart();
  for (const { looksSo, found, hint } of KINDS)
    if (looksSo.test(start)) return new ForeignFileError(found, hint);
  if (isBase64(start) && holdsKeys(Buffer.from(start, 'base64')))
    return new ForeignFileError(
      'the base64 of a file of keys, as a CI secret is kept',
      'decode it first: base64 -d FILE > keys.gpg',
    );
  return undefined;
}

/** What is looked at, in characters. */
const START = 4096;
/** Of UTF-8, with a character for each byte. */
const BYTE_ORDER_MARK = '\u00ef\u00bb\u00bf';

interface Kind {
  /** Tested against the first characters, without white space before them. */
  readonly looksSo: RegExp;
  readonly found: string;
  readonly hint: string;
}

const PUBLISHERS = "name the publisher's OpenPGP public key, such as gpg --armor --export FINGERPRINT writes";

/** In this order. Each is looked for at the beginning alone. */
const KINDS: readonly Kind[] = [
  {
    looksSo: /^(?:<!doctype html|<html|<head|<\?xml)/i,
    found: 'a web page',
    hint: 'download the key itself, not the page about it: look for a link "raw" or "download", and try curl -fL',
  },
  {
    looksSo: /^-----BEGIN PGP (?:PUBLIC|PRIVATE) KEY BLOCK-----./,
    found: 'an armored key that lost its line breaks',
    hint: 'keep the line breaks, or give a CI secret as base64 and decode it: base64 -d FILE > keys.gpg',
  },
  {
    looksSo: /^This is a revocation certificate/,
    found: 'the revocation that GnuPG keeps in reserve',
    hint: 'it revokes nothing as long as there is a colon before its first dashes',
  },
  {
    looksSo: /^(?:\(\d{0,3}:?(?:protected-|shadowed-)?private-key|Created: \d{8}T|Key: \()/,
    found: 'a private key as gpg-agent keeps it',
    hint: 'write the public key: gpg --armor --export FINGERPRINT > keys.asc',
  },
  {
    looksSo: /^-----BEGIN PGP SIGNED MESSAGE-----/,
    found: 'a signed text, such as a provenance',
    hint: `this is what was signed, not the key that signed it; ${PUBLISHERS}`,
  },
  {
    looksSo: /^-----BEGIN PGP SIGNATURE-----/,
    found: 'a signature',
    hint: `this was made with a key, and is none; ${PUBLISHERS}`,
  },
  {
    looksSo: /^-----BEGIN PGP MESSAGE-----/,
    found: 'an encrypted or packed message',
    hint: `if the key is in it, decrypt it first: gpg --decrypt FILE > keys.asc; else ${PUBLISHERS}`,
  },
  {
    looksSo:
      /^(?:-----BEGIN OPENSSH PRIVATE KEY-----|---- BEGIN SSH2|ssh-[a-z0-9-]+ |ecdsa-sha2-[a-z0-9-]+ )/,
    found: 'an SSH key',
    hint: `charts are signed with OpenPGP keys; ${PUBLISHERS}`,
  },
  {
    looksSo: /^-----BEGIN CERTIFICATE-----/,
    found: 'an X.509 certificate in PEM',
    hint: `charts are signed with OpenPGP keys; ${PUBLISHERS}`,
  },
  {
    looksSo: /^-----BEGIN [A-Z0-9 ]{0,40}(?:PUBLIC|PRIVATE) KEY-----/,
    found: 'a key in PEM, not one of OpenPGP',
    hint: `the key of a log belongs to --rekor-public-key; for the chart ${PUBLISHERS}`,
  },
  {
    looksSo: /^\{/,
    found: 'JSON',
    hint: `a trusted root belongs to --trusted-root; for the chart ${PUBLISHERS}`,
  },
  {
    looksSo: /^PK\x03\x04/,
    found: 'a zip archive',
    hint: 'unpack it, and name the file of keys that is in it',
  },
  {
    looksSo: /^\x1f\u008b/,
    found: 'a packed (gzip) file',
    hint: 'unpack it, and name the file of keys that is in it',
  },
  {
    looksSo: /^pub[ :/]/,
    found: 'a listing of keys, as gpg --list-keys prints',
    hint: 'write the keys themselves: gpg --armor --export FINGERPRINT > keys.asc',
  },
  {
    looksSo: /^(?:0x)?[0-9A-Fa-f]{8,64}\s*$/,
    found: 'a fingerprint or key ID',
    hint: 'write the key itself: gpg --armor --export FINGERPRINT > keys.asc; a fingerprint belongs to --fingerprint',
  },
  {
    looksSo: /^version https:\/\/git-lfs/,
    found: 'a pointer of Git LFS',
    hint: 'fetch the file itself: git lfs pull',
  },
];

/** Whether the text is nothing but base64, in lines. */
function isBase64(start: string): boolean {
  return start.length >= 64 && /^[A-Za-z0-9+/=\r\n]*$/.test(start);
}

/** What a program is likely to have done to binary keys, if it shows in bytes that are no packets. */
export function describeDamage(bytes: Uint8Array): ForeignFileError | undefined {
  const start = Buffer.from(bytes.subarray(0, START));
  const isUtf16 = [0xfffe, 0xfeff].includes(((start[0] ?? 0) << 8) | (start[1] ?? 0));
  if (!isUtf16 && !start.includes(REPLACED)) return undefined;
  return new ForeignFileError(
    `what is left of binary keys that were written as text${isUtf16 ? ' in UTF-16' : ''}, as PowerShell does with ">"`,
    'have gpg write the file: gpg --armor --output keys.asc --export FINGERPRINT',
  );
}

/** What programs write in place of bytes that are no text, in UTF-8. */
const REPLACED = Buffer.from('\ufffd');
