import { encodeUtf8 } from '../../../src/encoding.ts';
import { encodeArmor } from '../../../src/openpgp/armor.ts';
import { readPackets, writePacket } from '../../../src/openpgp/packets.ts';
import { serializeCertificate } from '../../../src/openpgp/whole-certificate.ts';
import { CHART_SIGNED, DAY, KEY_CREATED } from '../../support/signer.ts';
import type { CertificateChanges, SignerOptions } from '../../support/signer.ts';
import type { Variation } from '../row.ts';
import { certificateIn, LOGGED, NOW, signerWith, type Scene } from '../scene.ts';
import { bodyOf, content, rewritten } from './body.ts';

const TWO_NAMES = { userIds: ['Publisher <publisher@charts.example>', 'Publisher <old@charts.example>'] };
/** Life of a key in seconds that ends between the entry and the user. */
const UNTIL_LATER = LOGGED + DAY - KEY_CREATED;

/** Forms in which the entry of a chart may have been logged, by publishers and servers of all ages. */
const forms: readonly (readonly [
  name: string,
  story: string,
  body: (scene: Scene) => Uint8Array | Promise<Uint8Array>,
  publisher?: SignerOptions,
])[] = [
  ['as upload logs it', 'The certificate is minimised.', (scene) => scene.body(), TWO_NAMES],
  [
    'the whole certificate',
    'The certificate is whole, as the Go plugin sends it.',
    (scene) => withKey(scene, whole(scene)),
    TWO_NAMES,
  ],
  [
    'a signing subkey',
    'A subkey signed, and the entry holds its binding.',
    (scene) => scene.body(),
    { subkey: {} },
  ],
  [
    'user IDs in another order',
    'The server wrote the user IDs in the other order, as it happens.',
    (scene) => {
      const [primary, ...names] = packetsOf(whole(scene));
      return withKey(scene, primary, ...names.slice(2), ...names.slice(0, 2));
    },
    TWO_NAMES,
  ],
  [
    'several certificates',
    "Somebody else's certificate stands before the signer's.",
    async (scene) => withKey(scene, (await signerWith({}, 'stranger')).certificate, scene.minimised()),
  ],
  [
    'members in another order',
    'The members of the body stand in the order of servers before 2022.',
    (scene) => {
      const { apiVersion, kind, spec } = bodyOf(scene);
      return encodeUtf8(JSON.stringify({ apiVersion, spec, kind }));
    },
  ],
  [
    'a member more',
    'The body has a member that entries no longer have.',
    rewritten((body) => Object.assign(body.spec, { extraData: 'e30=' })),
  ],
  ['white space', 'The body is indented.', (scene) => encodeUtf8(JSON.stringify(bodyOf(scene), null, 2))],
  [
    'a digest in capitals',
    'The digest is spelt in capitals.',
    rewritten(({ spec: { chart } }) => (chart.hash.value = chart.hash.value.toUpperCase())),
  ],
  [
    'armor with a header',
    'The signature keeps the version header that its program wrote, and has no checksum.',
    rewritten(({ spec }, { provenance }) => {
      const lines = encodeArmor('PGP SIGNATURE', provenance.signatureBytes).split('\n');
      const kept = lines.filter((line) => !line.startsWith('=')).toSpliced(1, 0, 'Version: GnuPG v2');
      spec.chart.provenance.signature.content = content(kept.join('\r\n'));
    }),
  ],
  [
    "a stranger's revocation",
    'The certificate in the entry carries a revocation by somebody whom it does not name.',
    async (scene) => {
      const revocations = [{ at: NOW - DAY, reason: 2, by: await signerWith({}, 'stranger') }];
      return withKey(scene, await scene.publisher.certificateWith({ revocations }));
    },
  ],
];

/** Keys that were good when the log took the entry, whatever became of them. */
const keys: readonly Variation[] = [
  {
    name: 'expired since',
    story: 'The key expired the day after the entry was logged.',
    publisher: { expiresAfter: UNTIL_LATER },
    stage: (scene) => scene.logChart(),
  },
  {
    name: 'a subkey that expired since',
    story: 'The subkey that signed expired the day after the entry was logged.',
    publisher: { subkey: { expiresAfter: UNTIL_LATER } },
    stage: (scene) => scene.logChart(),
  },
  changed('retired since', 'The key was retired after the entry was logged.', {
    revocations: [{ at: LOGGED + 1, reason: 3 }],
  }),
  changed('superseded since', 'The key was superseded after the entry was logged.', {
    revocations: [{ at: LOGGED + 1, reason: 1 }],
  }),
  changed('renewed since', "The key's expiry was extended later, which replaced its self-signature.", {
    selfSignatures: [{ at: NOW - DAY, expiresAfter: NOW + DAY - KEY_CREATED }],
  }),
  {
    ...changed('renewed after it had expired', 'The key had expired when it was extended.', {
      selfSignatures: [{ at: NOW - DAY, expiresAfter: NOW + DAY - KEY_CREATED }],
    }),
    publisher: { expiresAfter: UNTIL_LATER },
  },
  {
    name: "a stranger's word in the keyring",
    story: "The user's copy carries a revocation by somebody whom the key does not name.",
    stage: async (scene) => {
      const by = await signerWith({}, 'stranger');
      scene.keyrings.push(await scene.write('stranger.gpg', by.certificate));
      await scene.changeKeyring({ revocations: [{ at: NOW - DAY, reason: 2, by }] });
      return scene.logChart();
    },
  },
  {
    name: 'an armored keyring',
    story: 'The keyring is armored, and has other keys in it.',
    stage: async (scene) => {
      const stranger = await signerWith({}, 'stranger');
      scene.keyrings = [await scene.write('keys.asc', stranger.armored + scene.publisher.armored)];
      return scene.logChart();
    },
  },
  {
    name: 'the signer that was asked for',
    story: 'The signer is the one that --fingerprint names, in capitals.',
    stage: (scene) => {
      scene.options = ['--fingerprint', scene.publisher.fingerprint.toUpperCase()];
      return scene.logChart();
    },
  },
  {
    name: 'an old key',
    story: 'The key is of the kind that most charts are signed with: RSA.',
    publisher: { algorithm: 'rsa2048' },
    stage: (scene) => scene.logChart(),
  },
];

/** Times that are unusual and in order. */
const times: readonly Variation[] = [
  at('logged at once', 'The entry was logged in the second of the signature.', CHART_SIGNED),
  at(
    'a slow clock of the log',
    "The log's clock was almost five minutes behind the publisher's.",
    CHART_SIGNED - 299,
  ),
  at('a slow clock of the user', "The user's clock is almost five minutes behind the log's.", NOW + 299),
];

export const honestEntries: readonly Variation[] = [
  ...forms.map(([name, story, body, publisher = {}]): Variation => ({
    name,
    story,
    publisher,
    stage: async (scene) => scene.log.append(await body(scene), { integratedTime: LOGGED }),
  })),
  ...keys,
  ...times,
];

/** The entry was logged as it should be; the user has a later copy of the certificate. */
function changed(name: string, story: string, changes: CertificateChanges): Variation {
  return {
    name,
    story,
    stage: async (scene) => {
      await scene.changeKeyring(changes);
      return scene.logChart();
    },
  };
}

function at(name: string, story: string, time: number): Variation {
  return { name, story, stage: (scene) => scene.logChart(time) };
}

function whole({ publisher }: Scene): Uint8Array {
  return serializeCertificate(certificateIn(publisher.certificate));
}

function withKey(scene: Scene, ...certificates: readonly Uint8Array[]): Uint8Array {
  return scene.body({ certificateBytes: Buffer.concat(certificates) });
}

function packetsOf(bytes: Uint8Array): [Uint8Array, ...Uint8Array[]] {
  const [first, ...others] = [...readPackets(bytes)].map(writePacket);
  if (first === undefined) throw new Error('no packet');
  return [first, ...others];
}
