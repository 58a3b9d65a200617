/** The servers of a Sigstore, as far as a signer has to know them. */
export interface SigningServers {
  readonly fulcio: { readonly url: string };
  readonly people: { readonly url: string };
  readonly rekor: { readonly url: string };
  readonly timestamps: { readonly url: string };
}

/**
 * A signing config 0.2 (sigstore_trustroot.proto) with these servers, each valid from a time (RFC 3339) on.
 * @param rekorVersion of the API of the log
 */
export function signingConfigOf(servers: SigningServers, start: string, rekorVersion = 2): object {
  const service = ({ url }: { readonly url: string }, majorApiVersion = 1) => ({
    url,
    majorApiVersion,
    validFor: { start },
    operator: 'test',
  });
  return {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [service(servers.fulcio)],
    oidcUrls: [service(servers.people)],
    rekorTlogUrls: [service(servers.rekor, rekorVersion)],
    rekorTlogConfig: { selector: 'ANY' },
    tsaUrls: [service(servers.timestamps)],
    tsaConfig: { selector: 'ANY' },
  };
}
