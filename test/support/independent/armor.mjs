// ASCII armor (RFC 9580 6) as Rekor writes it into an entry. Nothing here imports `src/`.

/**
 * @param {string} type
 * @param {Uint8Array} bytes
 */
export function armorOf(type, bytes) {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  const checksum = Buffer.from(crc24(bytes).toString(16).padStart(6, '0'), 'hex').toString('base64');
  return [`-----BEGIN ${type}-----`, '', ...lines, `=${checksum}`, `-----END ${type}-----`].join('\n');
}

/**
 * The bytes of the first block of this type in a text, whose checksum is not looked at.
 * @param {string} type
 * @param {string} text
 */
export function unarmored(type, text) {
  const [, rest] = text.split(`-----BEGIN ${type}-----`);
  const [block] = rest?.split(`-----END ${type}-----`) ?? [];
  if (block === undefined) throw new Error(`no ${type}`);
  const lines = block.split('\n').map((line) => line.trim());
  return Buffer.from(
    lines.filter((line) => !line.includes(': ') && !line.startsWith('=')).join(''),
    'base64',
  );
}

/**
 * RFC 9580 6.1, bit by bit.
 * @param {Uint8Array} bytes
 */
function crc24(bytes) {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x800000 ? (crc << 1) ^ 0x1864cfb : crc << 1;
  }
  return crc & 0xffffff;
}
