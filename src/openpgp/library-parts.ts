/** What is used of the OpenPGP library. Only this is bundled: the rest would be compiled at every start. */
export { config, PublicKeyPacket, SignaturePacket } from 'openpgp';
