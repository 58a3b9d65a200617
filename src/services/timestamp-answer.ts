import { encodeHex, equalBytes } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { DER, derAt, derParts, expectDer } from './der.ts';

/** What a timestamp says (RFC 3161 2.4.2); its signature is not verified. */
export interface TimestampFacts {
  /** Seconds since 1970. */
  readonly time: number;
}

/** Object identifiers, as their content in hexadecimal. */
const OIDS = {
  signedData: '2a864886f70d010702',
  timestampInfo: '2a864886f70d0109100104',
  sha256: '608648016503040201',
};

/**
 * The time in a timestamp response (RFC 3161 2.4.2, `TimeStampResp`), if it is granted, over this digest (SHA-256) and for
 * this nonce.
 * @throws MalformedError
 */
export function readTimestamp(response: Uint8Array, digest: Uint8Array, nonce: Uint8Array): TimestampFacts {
  const whole = derAt(response, 0);
  if (whole.end !== response.length) throw new MalformedError('something follows the timestamp');
  const [status, token] = derParts(expectDer(whole, DER.sequence));
  const [code] = derParts(expectDer(status, DER.sequence));
  const granted = expectDer(code, DER.integer);
  // With changes (1) it is granted as well.
  if (granted.length !== 1 || (granted[0] ?? 2) > 1)
    throw new MalformedError(`the timestamp is not granted: status ${encodeHex(granted)}`);

  const signedData = contentOf(
    token?.tag === DER.sequence ? token.content : new Uint8Array(),
    OIDS.signedData,
  );
  const [, , encapsulated] = derParts(expectDer(signedData, DER.sequence));
  const octets = contentOf(expectDer(encapsulated, DER.sequence), OIDS.timestampInfo);
  const info = derParts(expectDer(derAt(expectDer(octets, DER.octets), 0), DER.sequence));
  const [, , imprint, , time, ...rest] = info;
  const [algorithm, hash] = derParts(expectDer(imprint, DER.sequence));
  const [hashAlgorithm] = derParts(expectDer(algorithm, DER.sequence));
  if (encodeHex(expectDer(hashAlgorithm, DER.oid)) !== OIDS.sha256)
    throw new MalformedError('the timestamp is over a digest of another kind than SHA-256');
  if (!equalBytes(expectDer(hash, DER.octets), digest))
    throw new MalformedError('the timestamp is over something else');
  const answered = rest.find(({ tag }) => tag === DER.integer);
  if (answered === undefined || !equalBytes(answered.content, nonce))
    throw new MalformedError('the timestamp answers another request');
  return { time: secondsOf(expectDer(time, DER.generalizedTime)) };
}

/** What a `ContentInfo` of this type holds (RFC 5652 3). */
function contentOf(contentInfo: Uint8Array, type: string): ReturnType<typeof derAt> {
  const [id, content] = derParts(contentInfo);
  if (encodeHex(expectDer(id, DER.oid)) !== type) throw new MalformedError('what it gives is no timestamp');
  return derAt(expectDer(content, DER.explicit0), 0);
}

function secondsOf(content: Uint8Array): number {
  const text = Buffer.from(content).toString('latin1');
  const digits = /^([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})(?:\.[0-9]{1,9})?Z$/.exec(
    text,
  );
  const [, year, month, day, hour, minute, second] = digits ?? [];
  const milliseconds = digits
    ? Date.parse(`${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour ?? ''}:${minute ?? ''}:${second ?? ''}Z`)
    : NaN;
  if (Number.isNaN(milliseconds)) throw new MalformedError('the timestamp has no time');
  return milliseconds / 1000;
}
