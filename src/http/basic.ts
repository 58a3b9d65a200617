/** The value of `Authorization` or `Proxy-Authorization` for a user and a password: text in UTF-8, or bytes (RFC 7617 2). */
export function basicAuthorization(user: string | Uint8Array, password: string | Uint8Array): string {
  const credentials = [user, ':', password].map((part) => Buffer.from(part));
  return `Basic ${Buffer.concat(credentials).toString('base64')}`;
}
