/** The e-mail address of a user ID: `Name <address>`, or the address alone. RFC 9580 5.11. */
export function emailOf(userId: string): string | undefined {
  const address = userId.endsWith('>') ? userId.slice(userId.lastIndexOf('<') + 1, -1) : userId;
  return /^[^<>@\s]+@[^<>@\s]+$/.test(address) ? address : undefined;
}
