import { encodeUtf8 } from '../../../src/encoding.ts';
import { parseProvenance } from '../../../src/provenance/provenance.ts';
import { CHART_SIGNED } from '../../support/signer.ts';
import { type HostileWorld, LOGGED, signerWith } from '../../support/world/hostile-world.ts';
import type { Forgery } from '../row.ts';

/** Logs that have something for this archive, which others put there, and nothing of this provenance. */
export const nothingFound: readonly Forgery[] = (
  [
    ['an empty log', 'The log holds no entry of this archive.', () => undefined],
    [
      'only another publisher',
      'Somebody else signed and logged the same archive.',
      async (world) => {
        const stranger = await signerWith({}, 'stranger');
        const provenance = await stranger.sign('hello', '0.1.0', world.chart.archive);
        log(world, signedBy(world, provenance, stranger.certificate));
      },
    ],
    [
      'only another signature',
      'The publisher logged the same archive with a signature of another day.',
      async (world) => {
        const { publisher, chart } = world;
        const provenance = await publisher.sign('hello', '0.1.0', chart.archive, { at: CHART_SIGNED - 60 });
        log(world, signedBy(world, provenance, publisher.certificate));
      },
    ],
    [
      'only another kind',
      'The archive was logged by an entry of kind hashedrekord.',
      (world) => {
        log(world, encodeUtf8(JSON.stringify({ kind: 'hashedrekord', apiVersion: '0.0.1', spec: {} })));
      },
    ],
    [
      'only another version',
      'The archive was logged by a helm entry of a version that does not exist.',
      (world) => {
        log(world, Buffer.from(Buffer.from(world.body()).toString().replace('0.0.1', '0.0.2')));
      },
    ],
    [
      'only rubbish',
      'Somebody logged bytes for the archive that are no entry.',
      (world) => {
        log(world, Uint8Array.of(0, 1, 2, 3));
      },
    ],
    [
      'only unreadable answers',
      'The index names an entry, and the log does not say what is in it.',
      (world) => {
        log(world, Uint8Array.of(0, 1, 2, 3));
        world.log.afterSigning = () => null;
      },
    ],
    [
      'names of nothing',
      'The index names entries that the log does not have.',
      (world) => {
        world.log.indexed = ['0'.repeat(64), `${'1'.repeat(16)}${'2'.repeat(64)}`];
      },
    ],
  ] as const satisfies readonly (readonly [string, string, Forgery['stage']])[]
).map(([name, story, stage]): Forgery => ({ name, story, stage, caughtBy: 'NOT_FOUND', status: 4 }));

function signedBy(world: HostileWorld, provenance: Uint8Array, certificateBytes: Uint8Array): Uint8Array {
  return world.body({ signatureBytes: parseProvenance(provenance).signatureBytes, certificateBytes });
}

function log(world: HostileWorld, body: Uint8Array): void {
  world.log.append(body, { integratedTime: LOGGED });
}
