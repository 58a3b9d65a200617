import { encodeUtf8 } from './encoding.ts';

/** The bytes that the signature of an envelope is over: "DSSEv1 LENGTH TYPE LENGTH PAYLOAD" (DSSE 1.0, "Signature Definition"). */
export function preAuthEncoding({
  payload,
  payloadType,
}: {
  readonly payload: Uint8Array;
  readonly payloadType: string;
}): Uint8Array {
  const type = encodeUtf8(payloadType);
  return Buffer.concat([encodeUtf8(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `), payload]);
}
