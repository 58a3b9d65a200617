import { encodeUtf8 } from '../../../src/encoding.ts';
import { armorOf } from '../../support/independent/armor.mjs';
import type { HostileWorld } from '../../support/world/hostile-world.ts';
import type { Forgery } from '../row.ts';
import { content, rewritten } from './body.ts';

/** What the log answers for the chart instead of its entry, in its tree and with its promise. */
const bodies: readonly (readonly [name: string, what: string, body: (world: HostileWorld) => Uint8Array])[] =
  [
    ['another kind', 'an entry of kind hashedrekord', rewritten((body) => (body.kind = 'hashedrekord'))],
    [
      'another version',
      'a helm entry of a version that does not exist',
      rewritten((body) => (body.apiVersion = '0.0.2')),
    ],
    ['no kind', 'an entry that does not say what it is', rewritten((body) => (body.kind = undefined))],
    [
      'another digest algorithm',
      'an entry whose digest is said to be SHA-512',
      rewritten(({ spec }) => (spec.chart.hash.algorithm = 'sha512')),
    ],
    [
      'a short digest',
      'an entry whose digest lacks a digit',
      rewritten(({ spec: { chart } }) => (chart.hash.value = chart.hash.value.slice(1))),
    ],
    [
      'a member twice',
      'an entry that names its kind twice, so that two readers see two entries in it',
      (world) => Buffer.concat([encodeUtf8('{"kind":"rekord",'), world.body().subarray(1)]),
    ],
    [
      'a member twice, escaped',
      'an entry that names its kind twice, once with an escaped letter',
      (world) => Buffer.concat([encodeUtf8('{"k\\u0069nd":"rekord",'), world.body().subarray(1)]),
    ],
    [
      'two values',
      'an entry and a second one behind it',
      (world) => Buffer.concat([world.body(), encodeUtf8('{}')]),
    ],
    ['bytes', 'bytes that are no text', () => Uint8Array.of(0xff, 0xfe, 0x00)],
    ['nothing', 'an entry without a single byte', () => new Uint8Array()],
    ['a deep pit', 'an entry of 100,000 nested lists', () => encodeUtf8('['.repeat(1e5) + ']'.repeat(1e5))],
    [
      'two signature blocks',
      'an entry with a second signature block behind the first',
      rewritten(({ spec }, { provenance: { signatureBytes } }) => {
        const armor = armorOf('PGP SIGNATURE', signatureBytes);
        spec.chart.provenance.signature.content = content(`${armor}\n${armor}`);
      }),
    ],
    [
      'a wrong checksum',
      'an entry with a signature block whose checksum is wrong',
      rewritten(({ spec }, { provenance: { signatureBytes } }) => {
        const armor = armorOf('PGP SIGNATURE', signatureBytes);
        spec.chart.provenance.signature.content = content(armor.replace(/^=.*$/m, '=AAAA'));
      }),
    ],
    [
      'no key block',
      'an entry with some text in the place of the key',
      rewritten(({ spec }) => (spec.publicKey.content = content('the usual key'))),
    ],
  ];

export const entryKindForgeries: readonly Forgery[] = bodies.map(([name, what, body]) => ({
  name,
  story: `Asked for the chart, the log answers with ${what}.`,
  caughtBy: 'entry-kind',
  status: 10,
  // What was asked for is a hash of the true body.
  also: { 'entry-id': 'failed' },
  stage: (world) => world.logInstead(body(world)),
}));
