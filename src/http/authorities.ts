/** The trusted certificate authorities, and a hint for a server for which they do not vouch. */
export interface Authorities {
  /** The trust settings for TLS. Called only where TLS is used. */
  readonly load: () => Promise<TlsTrust>;
  /** The hint for a server whose certificate comes from another authority. */
  readonly whenUntrusted: () => string;
}

/** How TLS is begun with a server. */
export interface TlsTrust {
  /** The only authorities to trust, each in PEM; absent: those that Node trusts. */
  readonly ca?: string[];
  /** The certificate of this client, and the ones between it and its authority, in PEM. */
  readonly cert?: string;
  /** The private key of that certificate, in PEM. */
  readonly key?: string;
}

/** The same authorities, for a proxy on the way: the certificate of the client is for the server alone. */
export function forProxy({ ca }: TlsTrust): TlsTrust {
  return ca === undefined ? {} : { ca };
}

/** Trusts only the authorities in the file that `--ca-file` names, in PEM. */
export function onlyThese(pem: string): Authorities {
  return {
    load: () => Promise.resolve({ ca: [pem] }),
    whenUntrusted: () =>
      'only the authorities in --ca-file count, and none of them vouches for the server: give the file with the one that does',
  };
}

/**
 * The authorities that Node trusts (with `NODE_EXTRA_CA_CERTS` and `--use-system-ca`), and those that `SSL_CERT_FILE`
 * and `SSL_CERT_DIR` name.
 */
export function authoritiesOf(env: Readonly<Record<string, string | undefined>>): Authorities {
  if (!env['SSL_CERT_FILE'] && !env['SSL_CERT_DIR'])
    return { load: () => Promise.resolve({}), whenUntrusted: () => UNNAMED };
  let loaded: Promise<TlsTrust> | undefined;
  let named = 0;
  const load = async () => {
    const { readNamedAuthorities } = await import('./named-authorities.ts');
    const { certificates, all } = await readNamedAuthorities(env);
    named = certificates;
    return certificates === 0 ? {} : { ca: all };
  };
  return {
    load: () => (loaded ??= load()),
    whenUntrusted: () => {
      const found = named === 1 ? '1 certificate' : `${named} certificates`;
      return `${UNNAMED}; what SSL_CERT_FILE and SSL_CERT_DIR name now holds ${found}, and no authority for this server`;
    },
  };
}

const UNNAMED =
  'if a private authority vouches for the server, name the file of its certificate in SSL_CERT_FILE or NODE_EXTRA_CA_CERTS, or give it with --ca-file, which replaces all others';
