import { MalformedError } from '../errors.ts';

/** A value in DER (X.690 10): its tag, its content, and where the next one begins. */
export interface DerValue {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly end: number;
}

/** Tags of the universal class, as far as they are read; context-specific ones are `0xa0` and on. */
export const DER = {
  integer: 0x02,
  octets: 0x04,
  oid: 0x06,
  generalizedTime: 0x18,
  sequence: 0x30,
  explicit0: 0xa0,
} as const;

/**
 * The value that begins at an offset.
 * @throws MalformedError if there is none, or its length is not in the shortest form
 */
export function derAt(bytes: Uint8Array, offset: number): DerValue {
  const [tag, first] = [bytes[offset], bytes[offset + 1]];
  if (tag === undefined || first === undefined)
    throw new MalformedError('a value in DER that ends too early');
  let [length, start] = [first, offset + 2];
  if (first >= 0x80) {
    const octets = first - 0x80;
    if (octets < 1 || octets > 3) throw new MalformedError('a length in DER that no value has');
    length = 0;
    for (const octet of bytes.subarray(start, start + octets)) length = length * 256 + octet;
    start += octets;
    if (length < 0x80 || length < 256 ** (octets - 1))
      throw new MalformedError('a length in DER that is longer than it has to be');
  }
  const end = start + length;
  if (end > bytes.length) throw new MalformedError('a value in DER that ends too early');
  return { tag, content: bytes.subarray(start, end), end };
}

/** The values of which a value consists, in order. @throws MalformedError if it consists of something else */
export function derParts(content: Uint8Array): DerValue[] {
  const parts: DerValue[] = [];
  for (let at = 0; at < content.length; at = parts.at(-1)?.end ?? content.length)
    parts.push(derAt(content, at));
  return parts;
}

/** The content of a value of this tag. @throws MalformedError if it has another, or is missing */
export function expectDer(value: DerValue | undefined, tag: number): Uint8Array {
  if (value?.tag !== tag)
    throw new MalformedError(`expected the tag ${tag} in DER, found ${value?.tag ?? 'nothing'}`);
  return value.content;
}
