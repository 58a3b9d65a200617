import { createSigner } from '../../support/signer.ts';
import type { BadInput } from './bad-input.ts';

const judges = ['upload', 'verify', 'inspect'] as const;

export const BAD_KEYRINGS: readonly BadInput[] = [
  {
    input: 'a keyring that is missing',
    commands: judges,
    stage: (site) => site.remove('keyring.gpg'),
    status: 3,
    error: /cannot read the keyring keyring\.gpg: there is no such file/,
    hint: /name a file that is there with --keyring, --public-key or KEYRING, or none of them for the keys of GnuPG and of helm sigstore keys add/,
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
    stage: (site) => site.write('keyring.gpg', site.world.publisher.certificate.subarray(0, 40)),
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
    hint: {
      consumer:
        /ask the publisher, by another way than this chart, which fingerprint their key has; if it is this one, get their key from them and add it with helm sigstore keys add, or, where --keyring or KEYRING names other keys, name it with --public-key/,
      publisher:
        /name the keyring that helm package --sign signed with, or your public key in a file, with --keyring/,
    },
  },
];
