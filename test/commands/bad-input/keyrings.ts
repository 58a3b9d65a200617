import { createSigner } from '../../support/signer.ts';
import type { BadInput } from './site.ts';

const judges = ['upload', 'verify', 'inspect'] as const;

export const BAD_KEYRINGS: readonly BadInput[] = [
  {
    input: 'a keyring that is missing',
    commands: judges,
    stage: (site) => site.remove('keyring.gpg'),
    status: 3,
    error: /cannot read the keyring keyring\.gpg: there is no such file/,
    hint: /name a file that is there with --keyring, --public-key or KEYRING, or none of them for GnuPG's own keys/,
  },
  {
    input: 'a keyring that is empty',
    commands: judges,
    stage: (site) => site.write('keyring.gpg', ''),
    status: 3,
    error: /the keyring keyring\.gpg is empty/,
  },
  {
    input: 'a keyring of garbage',
    commands: judges,
    stage: (site) => site.write('keyring.gpg', 'garbage\n'),
    status: 3,
    error: /cannot read the keys in keyring\.gpg: expected an armored OpenPGP key, found none/,
  },
  {
    input: 'a keyring that is cut',
    commands: judges,
    stage: (site) => site.write('keyring.gpg', site.workshop.publisher.certificate.subarray(0, 40)),
    status: 3,
    error: /cannot read the keys in keyring\.gpg: .* bytes .*/,
  },
  {
    input: 'a keyring without the signer',
    commands: judges,
    stage: async (site) => {
      await site.write('keyring.gpg', (await createSigner()).certificate);
    },
    status: 10,
    error:
      /hello-0\.1\.0\.tgz: provenance-signature: the key that made the signature is not in the keyring: expected a key of keyring\.gpg \(1 key\), found the fingerprint [0-9a-f]{40}/,
    hint: /import it with gpg --recv-keys [0-9A-F]{40}, or name the publisher's key file with --public-key/,
  },
];
