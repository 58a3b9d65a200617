import { createHash, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { checkpointText, noteOf, signText, type SignatureLine } from './independent/note.mjs';
import { tilesOf } from './independent/tiles.mjs';
import { leafHash, ReferenceTree } from './independent/tree.mjs';
import { serve, type LoopbackServer } from './loopback.ts';

const ORIGIN = '127.0.0.1';

/** An entry as it is asked for (hashedRekordRequestV002). */
export interface EntryRequest {
  readonly digest: string;
  readonly signature: {
    readonly content: string;
    readonly verifier: { readonly keyDetails: string } & Readonly<Record<string, unknown>>;
  };
}

/** An answer of a server, or that it says what it says else. */
export type Answered =
  | {
      readonly status?: number;
      readonly headers?: Record<string, string>;
      readonly body?: Buffer | string | object;
    }
  | 'honest'
  | 'silent';

/** How a log differs from an honest one. */
export interface LogLies {
  /** Answers a request for an entry. */
  readonly post?: (request: EntryRequest, log: FakeTiledLog) => Answered;
  /** Answers what is read. @param path below the URL, without the slash in front of it */
  readonly get?: (path: string, log: FakeTiledLog) => Answered;
  /** Below which its checkpoint and tiles are; by default that of Rekor's API. */
  readonly prefix?: string;
  /** Names of witnesses that sign its checkpoints. */
  readonly witnesses?: readonly string[];
}

/** A Rekor v2 on loopback with a key of its own, that logs whatever it is given and shows tiles. Nothing of it comes from `src/`. */
export class FakeTiledLog {
  readonly entries: Buffer[] = [];
  readonly #privateKey = generateKeyPairSync('ed25519').privateKey;
  server: LoopbackServer = { url: '', seen: [] };

  private constructor(private readonly lies: LogLies) {}

  /** Starts one that ends with the test. @param before how many other entries it has */
  static async start(lies: LogLies = {}, before = 0): Promise<FakeTiledLog> {
    const log = new FakeTiledLog(lies);
    for (let index = 0; index < before; index++) log.entries.push(Buffer.from(`entry ${index}`));
    log.server = await serve((request, response) => {
      const url = (request.url ?? '').slice(1);
      const body = log.server.seen.at(-1)?.body ?? '';
      const answer = request.method === 'POST' ? log.#post(body) : log.#get(url);
      if (answer === 'silent' || answer === 'honest') return;
      const { status = 200, headers = {}, body: said = '' } = answer;
      response.writeHead(status, headers);
      response.end(typeof said === 'object' && !Buffer.isBuffer(said) ? JSON.stringify(said) : said);
    });
    return log;
  }

  /** Of a trusted root. */
  get trustedLog(): object {
    return {
      baseUrl: this.server.url,
      hashAlgorithm: 'SHA2_256',
      publicKey: {
        rawBytes: spki(this.#privateKey).toString('base64'),
        keyDetails: 'PKIX_ED25519',
        validFor: { start: '2021-01-01T00:00:00Z' },
      },
      logId: { keyId: this.#keyId.toString('base64') },
    };
  }

  /** The paths that were read. */
  get read(): string[] {
    return this.server.seen.flatMap(({ method, url }) => (method === 'GET' ? [url] : []));
  }

  /** The signed checkpoint over the first entries. */
  checkpoint(size = this.entries.length): string {
    const rootHash = new ReferenceTree(this.entries.slice(0, size).map(leafHash)).root();
    const text = checkpointText({ origin: ORIGIN, size, rootHash });
    const own = {
      name: ORIGIN,
      keyHint: this.#keyId.subarray(0, 4),
      signature: signText(this.#privateKey, text),
    };
    return noteOf(text, [...(this.lies.witnesses ?? []).map((name) => cosignature(name, text)), own]);
  }

  /** The answer to an entry that is there (sigstore_rekor.proto, `TransparencyLogEntry`). */
  entry(index: number): Record<string, unknown> {
    const size = this.entries.length;
    const tree = new ReferenceTree(this.entries.map(leafHash));
    return {
      logIndex: String(index),
      logId: { keyId: this.#keyId.toString('base64') },
      kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
      integratedTime: '0',
      inclusionPromise: null,
      inclusionProof: {
        logIndex: String(index),
        rootHash: Buffer.from(tree.root()).toString('base64'),
        treeSize: String(size),
        hashes: tree.inclusionProof(index).map((hash) => Buffer.from(hash).toString('base64')),
        checkpoint: { envelope: this.checkpoint() },
      },
      canonicalizedBody: this.entries[index]?.toString('base64'),
    };
  }

  /** Logs what is asked for. @returns its index */
  append(request: EntryRequest): number {
    return this.entries.push(bodyOf(request)) - 1;
  }

  /** What a file of the log holds, by its path. */
  file(path: string): Buffer | undefined {
    const prefix = this.lies.prefix ?? 'api/v2/';
    if (!path.startsWith(prefix)) return undefined;
    const name = path.slice(prefix.length);
    if (name === 'checkpoint') return Buffer.from(this.checkpoint());
    return tilesOf(this.entries).get(name);
  }

  get #keyId(): Buffer {
    const parts = [Buffer.from(`${ORIGIN}\n\x01`), spki(this.#privateKey).subarray(-32)];
    return createHash('sha256').update(Buffer.concat(parts)).digest();
  }

  #post(text: string): Answered {
    const { hashedRekordRequestV002: request } = JSON.parse(text) as {
      readonly hashedRekordRequestV002: EntryRequest;
    };
    const lie = this.lies.post?.(request, this) ?? 'honest';
    if (lie !== 'honest') return lie;
    const present = this.entries.findIndex((each) => each.equals(bodyOf(request)));
    if (present >= 0) return duplicate(present);
    return { status: 201, body: this.entry(this.append(request)) };
  }

  #get(path: string): Answered {
    const lie = this.lies.get?.(path, this) ?? 'honest';
    if (lie !== 'honest') return lie;
    const body = this.file(path);
    return body === undefined ? { status: 404, body: 'nothing here' } : { body };
  }
}

/** The answer of a log that has an entry already, at this index; undefined: it does not say where. */
export function duplicate(index: number | undefined): Answered {
  const where = index === undefined ? '' : ` with index ${index}`;
  return {
    status: 409,
    headers: index === undefined ? {} : { 'x-log-index': String(index) },
    body: { code: 6, message: `an equivalent entry already exists in the transparency log${where}` },
  };
}

function bodyOf({ digest, signature }: EntryRequest): Buffer {
  const { keyDetails, ...verifier } = signature.verifier;
  const algorithm = keyDetails.endsWith('384')
    ? 'SHA2_384'
    : keyDetails.endsWith('512')
      ? 'SHA2_512'
      : 'SHA2_256';
  const hashedRekordV002 = {
    data: { algorithm, digest },
    signature: { content: signature.content, verifier: { keyDetails, ...verifier } },
  };
  return Buffer.from(
    JSON.stringify({ apiVersion: '0.0.2', kind: 'hashedrekord', spec: { hashedRekordV002 } }),
  );
}

/** The line of a witness (C2SP tlog-cosignature): eight bytes of time, then the signature over time and checkpoint. */
function cosignature(name: string, text: string): SignatureLine {
  const { privateKey } = generateKeyPairSync('ed25519');
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(1_795_000_000n);
  const signed = Buffer.from(`cosignature/v1\ntime 1795000000\n${text}`);
  const id = Buffer.concat([Buffer.from(`${name}\n\x04`), spki(privateKey).subarray(-32)]);
  return {
    name,
    keyHint: createHash('sha256').update(id).digest().subarray(0, 4),
    signature: Buffer.concat([time, sign(null, signed, privateKey)]),
  };
}

function spki(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' });
}
