import { Octets } from './octets.ts';
import { partsOf, type SignaturePacket } from './signature-packet.ts';

/**
 * Whether each number of the signature is as long as it says, to the bit or to the octet (as some programs round
 * it). Else many spellings of one signature would be valid. RFC 9580 3.2.
 */
export function hasPlainNumbers(signature: SignaturePacket): boolean {
  const { version, publicKeyAlgorithm } = signature;
  if (publicKeyAlgorithm > LAST_WITH_NUMBERS) return true;
  const octets = new Octets(partsOf(signature).rest, 'signature packet');
  octets.take(2);
  if (version === 6) octets.take(octets.number(1));
  while (octets.left > 0) {
    const bits = octets.number(2);
    const number = octets.take(Math.ceil(bits / 8));
    const rounded = number.length * 8;
    const [first = 0] = number;
    const exact = rounded - (Math.clz32(first) - 24);
    if (first !== 0 && bits !== exact && bits !== rounded) return false;
  }
  return true;
}

/** The newer algorithms have octet strings instead. RFC 9580 5.2.3. */
const LAST_WITH_NUMBERS = 22;
