import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  Key,
  MetaFile,
  Metadata,
  Root,
  Signature,
  Snapshot,
  TargetFile,
  Targets,
  Timestamp,
} from '@tufjs/models';
import { serve, type LoopbackServer } from './loopback.ts';

/** A key that signs metadata. */
export interface TufKey {
  readonly key: Key;
  readonly privateKey: KeyObject;
}

/** Who signs what, and in which version, unless a test says otherwise. */
interface Signed {
  readonly version?: number;
  /** RFC 3339; in ten days when absent. */
  readonly expires?: string;
  readonly by?: readonly TufKey[];
}

/** What `publish` puts on the repository; whatever is absent is as it was or as it should be. */
export interface Publication {
  readonly timestamp?: Signed & { readonly snapshotVersion?: number };
  readonly snapshot?: Signed & { readonly targetsVersion?: number };
  readonly targets?: Signed & { readonly names?: readonly string[] };
  readonly content?: string;
  /** A signing config, which is another target. */
  readonly signingConfig?: string;
}

/** What is served at a path; a function answers by itself. */
export type ServedFile = string | ((response: ServerResponse) => void);

type Role = 'root' | 'timestamp' | 'snapshot' | 'targets';

const SPEC = '1.0.31';
export const EXPIRED = '2020-01-01T00:00:00Z';

export function newTufKey(): TufKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const keyID = createHash('sha256').update(pem).digest('hex');
  return {
    key: new Key({ keyID, keyType: 'ed25519', scheme: 'ed25519', keyVal: { public: pem } }),
    privateKey,
  };
}

/** A TUF repository of one test, with a key for each role, on a free port of 127.0.0.1. */
export class TufRepository {
  readonly keys: Record<Role, TufKey> = {
    root: newTufKey(),
    timestamp: newTufKey(),
    snapshot: newTufKey(),
    targets: newTufKey(),
  };
  /** The files by path. */
  readonly files = new Map<string, ServedFile>();
  /** The first root, for clients to start from. */
  readonly firstRoot: string;
  readonly #versions = { timestamp: 1, snapshot: 1, targets: 1 };
  #server: LoopbackServer | undefined;

  private constructor() {
    this.firstRoot = this.publishRoot({});
  }

  /** A repository that serves this content as `trusted_root.json`. */
  static async start(content: string): Promise<TufRepository> {
    const repository = new TufRepository();
    repository.publish({ content });
    repository.#server = await serve((request, response) => {
      repository.#answer(request, response);
    });
    return repository;
  }

  get url(): string {
    return this.#server?.url ?? '';
  }

  /** The paths that were asked for so far. */
  get asked(): string[] {
    return (this.#server?.seen ?? []).map(({ url }) => url.slice(1));
  }

  /** Publishes a root with the present keys, and returns it. It is signed by `by`, the root key when absent. */
  publishRoot({ version = 1, expires = inTenDays(), by = [this.keys.root] }: Signed): string {
    const root = new Root({ version, specVersion: SPEC, expires, consistentSnapshot: true });
    for (const role of ['root', 'timestamp', 'snapshot', 'targets'] as const)
      root.addKey(this.keys[role].key, role);
    return this.#place(`${version}.root.json`, root, by);
  }

  /** Publishes targets, snapshot and timestamp, from the content up. */
  publish({ timestamp = {}, snapshot = {}, targets = {}, content, signingConfig }: Publication): void {
    const before = this.files.get('content');
    const bytes = Buffer.from(content ?? (typeof before === 'string' ? before : ''));
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.files.set('content', bytes.toString());
    this.files.set(`targets/${sha256}.trusted_root.json`, bytes.toString());

    const common = (
      role: 'timestamp' | 'snapshot' | 'targets',
      { version, expires = inTenDays() }: Signed,
    ) => {
      this.#versions[role] = version ?? this.#versions[role];
      return { version: this.#versions[role], specVersion: SPEC, expires };
    };
    const signedTargets = new Targets({
      ...common('targets', targets),
      targets: {
        ...Object.fromEntries(
          (targets.names ?? ['trusted_root.json']).map((path) => [
            path,
            new TargetFile({ path, length: bytes.length, hashes: { sha256 } }),
          ]),
        ),
        ...(signingConfig !== undefined && this.#placeTarget('signing_config.v0.2.json', signingConfig)),
      },
    });
    this.#place(`${signedTargets.version}.targets.json`, signedTargets, targets.by ?? [this.keys.targets]);

    const targetsMeta = new MetaFile({ version: snapshot.targetsVersion ?? signedTargets.version });
    const signedSnapshot = new Snapshot({
      ...common('snapshot', snapshot),
      meta: { 'targets.json': targetsMeta },
    });
    this.#place(
      `${signedSnapshot.version}.snapshot.json`,
      signedSnapshot,
      snapshot.by ?? [this.keys.snapshot],
    );

    const snapshotMeta = new MetaFile({ version: timestamp.snapshotVersion ?? signedSnapshot.version });
    const signedTimestamp = new Timestamp({ ...common('timestamp', timestamp), snapshotMeta });
    this.#place('timestamp.json', signedTimestamp, timestamp.by ?? [this.keys.timestamp]);
  }

  #placeTarget(path: string, content: string): Record<string, TargetFile> {
    const bytes = Buffer.from(content);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.files.set(`targets/${sha256}.${path}`, content);
    return { [path]: new TargetFile({ path, length: bytes.length, hashes: { sha256 } }) };
  }

  #place(path: string, signed: Root | Timestamp | Snapshot | Targets, by: readonly TufKey[]): string {
    const metadata = new Metadata(signed);
    for (const { key, privateKey } of by)
      metadata.sign(
        (bytes) =>
          new Signature({ keyID: key.keyID, sig: sign(undefined, bytes, privateKey).toString('hex') }),
      );
    const text = JSON.stringify(metadata.toJSON());
    this.files.set(path, text);
    return text;
  }

  #answer({ url = '' }: IncomingMessage, response: ServerResponse): void {
    const file = this.files.get(url.slice(1));
    if (typeof file === 'function') file(response);
    else if (file === undefined) response.writeHead(404).end('not here');
    else response.end(file);
  }
}

function inTenDays(): string {
  return new Date(Date.now() + 10 * 86_400_000).toISOString().replace(/\.[0-9]+/, '');
}
