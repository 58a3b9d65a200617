import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SigstoreBinaries } from '../../scripts/fetch-sigstore.mjs';
import type { Ran } from '../support/program.ts';
import { World } from '../support/world/world.ts';
import { Sigstore } from './stack/sigstore.ts';

const CHART = path.join(import.meta.dirname, '../../examples/hello-0.1.0.tgz');

/** A Sigstore on loopback, and somebody who has charts signed there by whatever identity a test says. */
export class SigningWorld {
  private constructor(
    readonly sigstore: Sigstore,
    readonly world: World,
  ) {}

  static async open(binaries: SigstoreBinaries): Promise<SigningWorld> {
    const sigstore = await Sigstore.start(binaries);
    const world = await World.open();
    world.user.now = Math.floor(Date.now() / 1000);
    return new SigningWorld(sigstore, world);
  }

  /** A copy of the chart of examples/ in a folder of its own. */
  async chart(folder: string): Promise<string> {
    const chart = path.join(await this.world.subdirectory(folder), 'hello-0.1.0.tgz');
    await copyFile(CHART, chart);
    return chart;
  }

  /** `sign --identity` by this e-mail address, with further words. */
  async sign(chart: string, email: string, ...words: readonly string[]): Promise<Ran> {
    const token = path.join(this.sigstore.directory, 'token');
    await writeFile(token, this.sigstore.emailToken(email));
    return await this.world.run([
      ...['sign', chart, '--identity', '--identity-token', token],
      ...['--signing-config', this.sigstore.signingConfig],
      ...['--trusted-root', this.sigstore.trustedRoot, ...words],
    ]);
  }

  /** Who signed, as a verifier names it. */
  counts(email: string): string[] {
    const issuer = this.sigstore.servers.people.url;
    return ['--certificate-identity', email, '--certificate-oidc-issuer', issuer];
  }

  async close(): Promise<void> {
    await this.world.close();
    await this.sigstore.stop();
  }
}
