import { encodeBase64, encodeUtf8 } from '../../../src/encoding.ts';
import type { Scene } from '../scene.ts';

/** The members of a helm entry. */
export interface Body {
  apiVersion: unknown;
  kind: unknown;
  spec: {
    chart: {
      hash: { algorithm: string; value: string };
      provenance: { signature: { content: string } };
    };
    publicKey: { content: string };
  };
}

/** The body of the chart's entry with other values, as compact JSON. */
export function rewritten(change: (body: Body, scene: Scene) => unknown): (scene: Scene) => Uint8Array {
  return (scene) => {
    const body = bodyOf(scene);
    change(body, scene);
    return encodeUtf8(JSON.stringify(body));
  };
}

/** What the chart's entry says. */
export function bodyOf(scene: Scene): Body {
  return JSON.parse(Buffer.from(scene.body()).toString()) as Body;
}

/** Armor as it stands in a body. */
export function content(armor: string): string {
  return encodeBase64(encodeUtf8(armor));
}
