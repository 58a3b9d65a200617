import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { listen } from '../loopback.ts';
import { TokenService } from './auth.ts';
import { answerAsRegistry } from './answers.ts';
import { RegistryStore } from './store.ts';

/** A request as a registry of a test saw it. */
export interface RegistryRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Whether the client showed a certificate. */
  readonly hasCertificate: boolean;
}

/** How a registry of a test differs from an honest one that has everything. Each is off unless set. */
export interface RegistryFaults {
  /** Has no API for referrers. */
  withoutReferrers?: boolean;
  /** Does not say that it understood `subject`. */
  withoutSubject?: boolean;
  /** Answers in place of the usual way; says whether it did. */
  instead?: (request: RegistryRequest, response: ServerResponse) => boolean;
  /** Gives content in another form than it is kept. */
  changed?: (bytes: Buffer, path: string) => Buffer;
  /** What it says that the digest of every manifest is. */
  saidDigest?: string;
  /** Where uploads go. */
  uploadLocation?: string;
  /** What API of referrers lists, in place of the truth. */
  listed?: readonly object[];
  /** How many tags are on a page. */
  pageSize?: number;
  /** Where the next page is. */
  nextPage?: string;
}

/** A registry of one test, on loopback, with the API of the distribution specification 1.1. */
export interface TestRegistry {
  readonly url: string;
  readonly host: string;
  readonly store: RegistryStore;
  readonly auth: TokenService;
  readonly faults: RegistryFaults;
  readonly seen: RegistryRequest[];
}

/** Starts a registry that ends with the test; over TLS if there are options for that. */
export async function serveRegistry(faults: RegistryFaults = {}, tls?: ServerOptions): Promise<TestRegistry> {
  const [store, auth, seen] = [new RegistryStore(), new TokenService(), [] as RegistryRequest[]];
  const registry = { url: '', host: '', store, auth, faults, seen };
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url = '', headers, socket } = request;
      const hasCertificate =
        tls !== undefined && Object.keys((socket as unknown as TLSSocket).getPeerCertificate()).length > 0;
      const asked = { method, url, headers, body: Buffer.concat(pieces), hasCertificate };
      seen.push(asked);
      answerAsRegistry(registry, request, asked, response);
    });
  };
  const port = await listen(tls === undefined ? createServer(onRequest) : createTlsServer(tls, onRequest));
  registry.host = `127.0.0.1:${port}`;
  registry.url = `${tls === undefined ? 'http' : 'https'}://${registry.host}`;
  return registry;
}
