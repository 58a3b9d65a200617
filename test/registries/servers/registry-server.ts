/** A registry of a test. */
export interface RegistryServer {
  /** `127.0.0.1:PORT`, as it stands in a reference. */
  readonly host: string;
  readonly url: string;
  /** Ends its process. */
  stop(): Promise<void>;
}

/** What a user of a server has to say. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The value of an `Authorization` header (RFC 7617). */
export function basicAuthorization({ user, password }: Credentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
