import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { GnupgHome } from '../support/gnupg.ts';
import { pem } from '../support/der.ts';
import type { PlainSignature } from '../support/signature-log.ts';
import { World } from '../support/world/world.ts';
import { signedByGpg } from './gpg-provenance.ts';
import { posted } from './independent-signer.ts';
import { Sigstore } from './stack/sigstore.ts';

const binaries = inject('sigstore');
const cosign = inject('cosign');

describe.skipIf(binaries === undefined)(
  'a provenance by gpg on a real Rekor v2 (needs Go: no real Sigstore)',
  () => {
    let sigstore: Sigstore;
    let world: World;
    let home: GnupgHome;

    beforeAll(async () => {
      if (binaries !== undefined) sigstore = await Sigstore.start(binaries);
      world = await World.open();
      home = await GnupgHome.create();
    });

    afterAll(async () => {
      await home.remove();
      await world.close();
      await sigstore.stop();
    });

    /** What the servers answer of the signature, as a bundle. */
    async function bundleOf({ preimage, hash, signature, spki, keyDetails }: PlainSignature) {
      const digest = createHash(hash).update(preimage).digest('base64');
      const content = Buffer.from(signature).toString('base64');
      const { rekor, timestamps } = sigstore.servers;
      const entry = await posted(`${rekor.url}/api/v2/log/entries`, {
        hashedRekordRequestV002: {
          digest,
          signature: {
            content,
            verifier: { publicKey: { rawBytes: Buffer.from(spki).toString('base64') }, keyDetails },
          },
        },
      });
      const timestamp = await posted(timestamps.url, {
        artifactHash: createHash('sha256').update(signature).digest('base64'),
        hashAlgorithm: 'sha256',
        certificates: false,
        nonce: 1,
      });
      return {
        mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        verificationMaterial: {
          publicKey: { hint: createHash('sha256').update(spki).digest('base64') },
          tlogEntries: [JSON.parse(entry.toString()) as unknown],
          timestampVerificationData: {
            rfc3161Timestamps: [{ signedTimestamp: timestamp.toString('base64') }],
          },
        },
        messageSignature: {
          messageDigest: { algorithm: hash.replace('sha', 'SHA2_'), digest },
          signature: content,
        },
      };
    }

    it.each([
      ['rsa2048', 'SHA256'],
      ['rsa3072', 'SHA256'],
      ['nistp256', 'SHA256'],
      ['nistp384', 'SHA384'],
      ['nistp521', 'SHA512'],
    ])('by a key of %s with %s is verified without a network, and by cosign', async (algorithm, hash) => {
      const { chart, keyring, signed } = await signedByGpg(home, world, algorithm, hash);
      const bundle = `${chart}.prov.sigstore.json`;
      await writeFile(bundle, JSON.stringify(await bundleOf(signed)));
      const trust = ['--keyring', keyring, '--trusted-root', sigstore.trustedRoot];
      const { status, stdout, stderr } = await world.run(['verify', chart, '--offline', ...trust]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain('Chart Verified Successfully From Sigstore bundle of its provenance:\n');
      expect(stdout).toContain(`Signed By: ${algorithm}-${hash}@example.com\n`);
      // Other keys cosign tries with SHA-256.
      if (cosign === undefined || hash !== 'SHA256') return;
      await writeFile(`${chart}.pem`, pem('PUBLIC KEY', signed.spki));
      await writeFile(`${chart}.preimage`, signed.preimage);
      const words = ['verify-blob', '--key', `${chart}.pem`, '--bundle', bundle];
      const said = await promisify(execFile)(cosign, [
        ...[...words, '--trusted-root', sigstore.trustedRoot, `${chart}.preimage`],
      ]);
      expect(said.stderr).toContain('Verified OK');
    });
  },
);
