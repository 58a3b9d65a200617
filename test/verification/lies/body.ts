import { encodeBase64, encodeUtf8 } from '../../../src/encoding.ts';
import type { HostileWorld } from '../../support/world/hostile-world.ts';

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
export function rewritten(
  change: (body: Body, world: HostileWorld) => unknown,
): (world: HostileWorld) => Uint8Array {
  return (world) => {
    const body = bodyOf(world);
    change(body, world);
    return encodeUtf8(JSON.stringify(body));
  };
}

/** What the chart's entry says. */
export function bodyOf(world: HostileWorld): Body {
  return JSON.parse(Buffer.from(world.body()).toString()) as Body;
}

/** Armor as it stands in a body. */
export function content(armor: string): string {
  return encodeBase64(encodeUtf8(armor));
}
