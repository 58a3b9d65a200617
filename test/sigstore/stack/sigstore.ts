import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SigstoreBinaries } from '../../../scripts/fetch-sigstore.mjs';
import { newSignersAuthority, type SignersAuthority } from '../../support/certificate.ts';
import { pem } from '../../support/der.ts';
import { IdentityProvider, workflowClaims, type Claims } from '../../support/identity-provider.ts';
import { startCertificateLog, type CertificateLog } from './certificate-log.ts';
import { startFulcio, type Fulcio } from './fulcio.ts';
import { startRekorTiles, type RekorTiles } from './rekor-tiles.ts';
import { signingConfigOf } from './signing-config.ts';
import { startTimestampAuthority, type TimestampAuthority } from './timestamp-authority.ts';
import { trustedRootOf } from './trusted-root.ts';

interface Servers {
  readonly authority: SignersAuthority;
  readonly people: IdentityProvider;
  readonly workflows: IdentityProvider;
  readonly certificateLog: CertificateLog;
  readonly rekor: RekorTiles;
  readonly timestamps: TimestampAuthority;
  readonly fulcio: Fulcio;
}

/** A whole Sigstore on loopback, with a directory of its own. */
export class Sigstore {
  private constructor(
    /** All its files lie here. */
    readonly directory: string,
    readonly servers: Servers,
    private readonly started: Started,
    /** The path of its `trusted_root.json`. */
    readonly trustedRoot: string,
    /** The path of its `signing_config.json`. */
    readonly signingConfig: string,
  ) {}

  /** Starts it and waits until it is ready. @throws with what a server printed that does not become so */
  static async start(binaries: SigstoreBinaries): Promise<Sigstore> {
    const directory = await mkdtemp(path.join(tmpdir(), 'sigstore-'));
    const started = new Started();
    try {
      const now = Math.floor(Date.now() / 1000);
      const servers = await startServers(binaries, directory, started, now);
      // A second is whole in these files: what is made now must not be earlier.
      const start = new Date((now - 60) * 1000).toISOString();
      const trustedRoot = path.join(directory, 'trusted_root.json');
      const signingConfig = path.join(directory, 'signing_config.json');
      await writeFile(trustedRoot, JSON.stringify(trustedRootOf(servers, start)));
      await writeFile(signingConfig, JSON.stringify(signingConfigOf(servers, start)));
      return new Sigstore(directory, servers, started, trustedRoot, signingConfig);
    } catch (error) {
      await started.stop();
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** A token that says whose e-mail address this is. */
  emailToken(email: string, claims: Claims = {}): string {
    return this.servers.people.token({ sub: `user of ${email}`, email, email_verified: true, ...claims });
  }

  /** A token as GitHub gives it to a workflow of this repository. */
  workflowToken(repository: string, ref: string, claims: Claims = {}): string {
    return this.servers.workflows.token({ ...workflowClaims(repository, ref), ...claims });
  }

  /** Ends all processes and removes all files. */
  async stop(): Promise<void> {
    await this.started.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** What runs and has to be ended. */
class Started {
  readonly #stops: (() => Promise<void>)[] = [];

  /** Adds what is being started, by how it will be ended. */
  async add<T>(starting: Promise<T>, stop: (started: T) => Promise<void>): Promise<T> {
    const started = await starting;
    this.#stops.push(() => stop(started));
    return started;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stops.splice(0).map((stop) => stop()));
  }
}

async function startServers(
  binaries: SigstoreBinaries,
  directory: string,
  started: Started,
  now: number,
): Promise<Servers> {
  const authority = newSignersAuthority(now);
  const rootFile = path.join(directory, 'root.pem');
  await writeFile(rootFile, pem('CERTIFICATE', authority.root.certificate));

  const server = <T extends { readonly part: { kill(): Promise<void> } }>(starting: Promise<T>) =>
    started.add(starting, ({ part }) => part.kill());
  const provider = () => started.add(IdentityProvider.start(), (each) => each.stop());
  const [people, workflows] = [await provider(), await provider()];
  const withCertificates = async () => {
    const certificateLog = await server(startCertificateLog(binaries.certificateLog, directory, rootFile));
    const fulcio = await server(
      startFulcio({
        command: binaries.fulcio,
        directory,
        authority,
        certificateLog,
        issuers: { [people.url]: 'email', [workflows.url]: 'github-workflow' },
      }),
    );
    return { certificateLog, fulcio };
  };
  const certificates = withCertificates();
  const rekor = server(startRekorTiles(binaries.rekor, directory));
  const timestamps = server(startTimestampAuthority(binaries.timestamps, directory));
  // One that is still being started when another fails could not be ended.
  await Promise.allSettled([certificates, rekor, timestamps]);
  return {
    authority,
    people,
    workflows,
    ...(await certificates),
    rekor: await rekor,
    timestamps: await timestamps,
  };
}
