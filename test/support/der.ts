/** A writer of DER (ITU-T X.690), as far as certificates need it. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const octets = content.length < 0x80 ? [] : bigEndian(content.length);
  const length = octets.length === 0 ? [content.length] : [0x80 | octets.length, ...octets];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

function bigEndian(value: number): number[] {
  return value === 0 ? [] : [...bigEndian(Math.floor(value / 256)), value % 256];
}

export const sequence = (...parts: readonly Uint8Array[]) => tlv(0x30, ...parts);
export const octets = (...parts: readonly Uint8Array[]) => tlv(0x04, ...parts);
export const integer = (value: number) => tlv(0x02, Buffer.from([value]));
export const text = (value: string) => tlv(0x0c, Buffer.from(value, 'utf8'));
export const bits = (bytes: Uint8Array, unused = 0) => tlv(0x03, Buffer.from([unused]), bytes);

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tlv(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(arc)]));
}

function arc(value: number): number[] {
  const septets =
    value
      .toString(2)
      .padStart(Math.ceil(value.toString(2).length / 7) * 7, '0')
      .match(/.{7}/g) ?? [];
  return septets.map((each, index) => Number.parseInt(each, 2) | (index < septets.length - 1 ? 0x80 : 0));
}

/** @param text such as 20200101000000Z */
export const generalizedTime = (text: string) => tlv(0x18, Buffer.from(text));

/** @param seconds since 1970 */
export function time(seconds: number): Buffer {
  return generalizedTime(new Date(seconds * 1000).toISOString().replaceAll(/[-T:]|\.\d+/g, ''));
}

/** The textual form (RFC 7468) of something in DER. */
export function pem(label: string, content: Uint8Array): string {
  const lines =
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
