import { MalformedError } from './errors.ts';

/**
 * Refuses DER over which the reader of Sigstore's library would sit for long. That reader looks for elements in each octet
 * string, also behind its end, and goes back where it finds none: a few hundred bytes of octet strings in octet strings
 * can make it read the same bytes more often than there are seconds. This goes the same way and counts its steps.
 * @throws MalformedError where there are more steps than bytes, of which each element of DER has two or more; and above
 * `MAX_DER` bytes, as numbers in it take time that is quadratic in their length
 */
export function requireSimpleDer(der: Uint8Array): void {
  if (der.length > MAX_DER)
    throw new MalformedError(`expected at most ${MAX_DER} bytes of DER, found ${der.length}`);
  new Walk(der).element(0, 0);
}

/** Certificates of workflows have about 2,000 bytes, timestamps with all their certificates 7,000. */
const MAX_DER = 12 * 1024;

/** As in the library. */
const MAX_DEPTH = 100;
const MAX_LENGTH_BYTES = 6;

/** Where a walk is that found something else than DER. */
const NOWHERE = -1;

class Walk {
  readonly #der: Uint8Array;
  #steps: number;

  constructor(der: Uint8Array) {
    this.#der = der;
    this.#steps = der.length;
  }

  /** @returns the position behind the element, or `NOWHERE` */
  element(at: number, depth: number): number {
    if (this.#steps-- === 0) throw new MalformedError('DER that is nested in a way that nobody needs');
    const tag = this.#der[at];
    const start = this.#contentOf(at + 1);
    if (depth > MAX_DEPTH || tag === undefined || (tag & 0x1f) === 0x1f || (tag & 0xdf) === 0) return NOWHERE;
    if (start === undefined || start.at + start.length > this.#der.length) return NOWHERE;
    const end = start.at + start.length;
    const isConstructed = (tag & 0x20) !== 0;
    if (!isConstructed && tag !== OCTET_STRING) return end;
    const found = this.#elements(start.at, end, depth + 1);
    return found === end || isConstructed ? found : end;
  }

  /** @returns `end`, or `NOWHERE` if the last of the elements ends elsewhere */
  #elements(at: number, end: number, depth: number): number {
    let next = at;
    while (next < end && next !== NOWHERE) next = this.element(next, depth);
    return next === end ? end : NOWHERE;
  }

  /** Where the content of an element begins and how long it is, by the octets of its length; undefined: they are not DER. */
  #contentOf(at: number): { readonly at: number; readonly length: number } | undefined {
    const first = this.#der[at];
    if (first === undefined) return undefined;
    if (first < 0x80) return { at: at + 1, length: first };
    const octets = this.#der.subarray(at + 1, at + 1 + (first & 0x7f));
    if (octets.length !== (first & 0x7f) || octets.length > MAX_LENGTH_BYTES || octets[0] === 0)
      return undefined;
    const length = octets.reduce((sum, octet) => sum * 256 + octet, 0);
    return length < 0x80 ? undefined : { at: at + 1 + octets.length, length };
  }
}

const OCTET_STRING = 0x04;
