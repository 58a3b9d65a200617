/** The two numbers of an ECDSA signature in DER (RFC 3279 2.2.3). */
export function readEcdsa(der: Uint8Array): [r: bigint, s: bigint] {
  const rLength = der[3] ?? 0;
  return [toNumber(der.subarray(4, 4 + rLength)), toNumber(der.subarray(6 + rLength))];
}

/** The DER of an ECDSA signature over P-256. */
export function writeEcdsa(...numbers: readonly [r: bigint, s: bigint]): Uint8Array {
  const content = Buffer.concat(numbers.map(integer));
  return Buffer.concat([Buffer.of(0x30, content.length), content]);
}

function integer(value: bigint): Uint8Array {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  const positive = (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]);
  return Buffer.concat([Buffer.of(0x02, positive.length), positive]);
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}
