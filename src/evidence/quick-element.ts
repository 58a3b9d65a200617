import { ASN1Obj } from './sigstore-parts.ts';

/**
 * An element of ASN.1 as Sigstore's library reads it, which writes its DER (X.690 8.1, 10.1) into one piece of memory. The
 * library takes two kilobytes for each element below it, and copies what is in there once a level: most of the time that
 * one bundle needs.
 */
export class QuickElement extends ASN1Obj {
  /** A copy with all that is below it; values are shared, lists are not. */
  static of({ tag, value, subs }: ASN1Obj): QuickElement {
    return new QuickElement(
      tag,
      value,
      subs.map((each) => QuickElement.of(each)),
    );
  }

  /** @returns bytes that nobody else has */
  override toDER(): Buffer {
    const parts: Uint8Array[] = [];
    write(this, parts);
    return Buffer.concat(parts);
  }
}

/** Appends what an element comes to. @returns how many bytes that is */
function write({ tag, value, subs }: ASN1Obj, parts: Uint8Array[]): number {
  const at = parts.push(NOTHING) - 1;
  let length = 0;
  for (const each of subs) length += write(each, parts);
  if (subs.length === 0) {
    parts.push(value);
    length = value.length;
  }
  const header = Uint8Array.of(tag.toDER(), ...lengthOctets(length));
  parts[at] = header;
  return header.length + length;
}

/** What stands where a header comes to be, whose length is known later. */
const NOTHING = new Uint8Array();

/** The shortest form of a length. */
function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 + octets.length, ...octets];
}
