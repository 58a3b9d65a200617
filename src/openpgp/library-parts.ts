/** What is used of the OpenPGP library, and so all of it that is bundled: the rest would be compiled at every start. */
export { config, PublicKeyPacket, SignaturePacket } from 'openpgp';
