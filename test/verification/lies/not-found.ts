import { encodeUtf8 } from '../../../src/encoding.ts';
import { parseProvenance } from '../../../src/provenance/provenance.ts';
import { CHART_SIGNED } from '../../support/signer.ts';
import type { Forgery } from '../row.ts';
import { LOGGED, signerWith, type Scene } from '../scene.ts';

/** Logs that have something for this archive, which others put there, and nothing of this provenance. */
export const nothingFound: readonly Forgery[] = (
  [
    ['an empty log', 'The log holds no entry of this archive.', () => undefined],
    [
      'only another publisher',
      'Somebody else signed and logged the same archive.',
      async (scene) => {
        const stranger = await signerWith({}, 'stranger');
        const provenance = await stranger.sign('hello', '0.1.0', scene.chart.archive);
        log(scene, signedBy(scene, provenance, stranger.certificate));
      },
    ],
    [
      'only another signature',
      'The publisher logged the same archive with a signature of another day.',
      async (scene) => {
        const { publisher, chart } = scene;
        const provenance = await publisher.sign('hello', '0.1.0', chart.archive, { at: CHART_SIGNED - 60 });
        log(scene, signedBy(scene, provenance, publisher.certificate));
      },
    ],
    [
      'only another kind',
      'The archive was logged by an entry of kind hashedrekord.',
      (scene) => {
        log(scene, encodeUtf8(JSON.stringify({ kind: 'hashedrekord', apiVersion: '0.0.1', spec: {} })));
      },
    ],
    [
      'only another version',
      'The archive was logged by a helm entry of a version that does not exist.',
      (scene) => {
        log(scene, Buffer.from(Buffer.from(scene.body()).toString().replace('0.0.1', '0.0.2')));
      },
    ],
    [
      'only rubbish',
      'Somebody logged bytes for the archive that are no entry.',
      (scene) => {
        log(scene, Uint8Array.of(0, 1, 2, 3));
      },
    ],
    [
      'only unreadable answers',
      'The index names an entry, and the log does not say what is in it.',
      (scene) => {
        log(scene, Uint8Array.of(0, 1, 2, 3));
        scene.log.afterSigning = () => null;
      },
    ],
    [
      'names of nothing',
      'The index names entries that the log does not have.',
      (scene) => {
        scene.log.indexed = ['0'.repeat(64), `${'1'.repeat(16)}${'2'.repeat(64)}`];
      },
    ],
  ] as const satisfies readonly (readonly [string, string, Forgery['stage']])[]
).map(([name, story, stage]): Forgery => ({ name, story, stage, caughtBy: 'NOT_FOUND', status: 4 }));

function signedBy(scene: Scene, provenance: Uint8Array, certificateBytes: Uint8Array): Uint8Array {
  return scene.body({ signatureBytes: parseProvenance(provenance).signatureBytes, certificateBytes });
}

function log(scene: Scene, body: Uint8Array): void {
  scene.log.append(body, { integratedTime: LOGGED });
}
