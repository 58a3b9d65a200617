import { createHash } from 'node:crypto';
import { encodeBase64, encodeUtf8 } from '../../src/encoding.ts';
import { writePacket } from '../../src/openpgp/packets.ts';

/** Input of about so many bytes that was made to cost as much as it can. */
export type Hostile = (size: number) => Uint8Array;

const SIGNATURE = '-----BEGIN PGP SIGNATURE-----';
const MESSAGE = '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n';

/** The unit as often as it fits into the size, between two other texts. */
function repeated(unit: string, before = '', after = ''): Hostile {
  return (size) => encodeUtf8(before + unit.repeat(Math.ceil(size / unit.length)) + after);
}

/** Units that all differ. */
function numbered(unit: (index: number) => string, before = '', after = ''): Hostile {
  return (size) => {
    const count = Math.ceil(size / unit(1000).length);
    return encodeUtf8(before + Array.from({ length: count }, (_, index) => unit(index)).join('') + after);
  };
}

/** Bytes without an order that are the same in every run. */
const noise: Hostile = (size) => {
  const blocks = Array.from({ length: Math.ceil(size / 32) }, (_, index) =>
    createHash('sha256').update(`${index}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, size);
};

const BEFORE_CHARTS = '{\n  "mediaType": "application/vnd.helm-sigstore.mirror.v1+json",\n  "charts": [\n';

/** For every parser. */
export const ANYWHERE: Readonly<Record<string, Hostile>> = {
  blanks: repeated(' ', '', 'x'),
  'blanks and tabs on one line': repeated(' \t', 'x', 'x\n'),
  'empty lines': repeated('\n', '', 'x'),
  'empty lines with CR': repeated('\r\n', '', 'x'),
  'carriage returns': repeated('\r', '', 'x'),
  'many short lines': repeated('a\n'),
  'lines of a blank': repeated(' \n'),
  'lines that are indented': repeated('  a: b\n'),
  'one long line': repeated('a'),
  digits: repeated('9'),
  dashes: repeated('-'),
  'dashes and blanks': repeated('- '),
  'at signs': repeated('a@'),
  slashes: repeated('/', 'http://h/', 'x'),
  brackets: repeated('['),
  'brackets that close': repeated('[],', '[', '0]'),
  'objects in objects': repeated('{"a":'),
  'members of one object': numbered((index) => `"k${index}":${index},`, '{', '"z":0}'),
  'quotes and backslashes': repeated('\\"', '"'),
  'a text of backslashes': repeated('\\\\', '"', '"'),
  NULs: repeated('\0'),
  'bytes of 0xff': (size) => Buffer.alloc(size, 0xff),
  noise,
};

/** For texts in armor. */
export const ARMORED: Readonly<Record<string, Hostile>> = {
  'begins of a block': repeated('-----BEGIN PGP PUBLIC KEY BLOCK-----\n'),
  'empty blocks': repeated('-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----\n'),
  headers: repeated('Comment: x\n', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n', '\n'),
  'headers, and as many empty lines': (size) => {
    const headers = 'A:\n'.repeat(size / 6);
    return encodeUtf8(`-----BEGIN PGP PUBLIC KEY BLOCK-----\n${headers}${'\n'.repeat(size / 2)}`);
  },
  'blanks in base64': repeated('AAAA \n', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n'),
  'a block of blanks': repeated(' ', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n', 'x'),
  'checksums of nothing': repeated('=AAAA\n', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n'),
};

/** For provenance files. */
export const SIGNED_TEXT: Readonly<Record<string, Hostile>> = {
  'begins of a message': repeated('-----BEGIN PGP SIGNED MESSAGE-----\n'),
  'begins of a signature': repeated(`${SIGNATURE}\n`, MESSAGE),
  'headers of a message': repeated('Hash: SHA256\n', '-----BEGIN PGP SIGNED MESSAGE-----\n'),
  'names in one header': repeated(
    'SHA256, ',
    '-----BEGIN PGP SIGNED MESSAGE-----\nHash: ',
    `\n\n${SIGNATURE}\n`,
  ),
  'a line of blanks that is signed': repeated(' ', MESSAGE, `x\n${SIGNATURE}\n`),
  'lines of blanks that are signed': repeated(' \t\n', MESSAGE, `x\n${SIGNATURE}\n`),
  'escaped lines': repeated('- -\n', MESSAGE, `${SIGNATURE}\n`),
  'files that are signed': numbered(
    (index) => `  a${index}.tgz: sha256:${'0'.repeat(64)}\n`,
    `${MESSAGE}name: a\n\n...\nfiles:\n`,
    `${SIGNATURE}\n\nAAAA\n-----END PGP SIGNATURE-----\n`,
  ),
  'line ends behind the files': repeated('\n', 'name: a\n\n...\nfiles:\n  a.tgz: sha256:', 'x'),
  'files without a signature': numbered(
    (index) => `  a${index}.tgz: sha256:${'0'.repeat(64)}\n`,
    'name: a\n\n...\nfiles:\n',
  ),
  'ends of documents': repeated('\n...\n'),
  'blanks behind the signature': repeated(
    ' \n',
    `${MESSAGE}a\n${SIGNATURE}\n\nAAAA\n-----END PGP SIGNATURE-----\n`,
  ),
};

/** For YAML. */
export const YAML: Readonly<Record<string, Hostile>> = {
  'a list of lists': repeated('- ', 'a: '),
  'keys of one mapping': numbered((index) => `k${index}: v\n`),
  'anchors and aliases': numbered((index) => `- &a${index} [*a${Math.max(0, index - 1)}]\n`, '- &a0 x\n'),
  'merged keys': numbered((index) => `k${index}: {<<: *a}\n`, 'a: &a {x: 1}\n'),
  'comments before nothing': repeated('# \n'),
  'line ends that some readers know': repeated('# a\u2028# b\n', 'a: b\n'),
  'line ends that some readers know, in quotes': repeated('- "a\u2028\u0085b"\n'),
  'a folded text': repeated(' \n  a\n', 'a: >\n'),
  'a quoted text with line ends': repeated('\n\n', 'a: "', '"'),
  'versions of an index': numbered(
    (index) => `  - {name: a, version: 1.0.${index}, urls: [a-1.0.${index}.tgz]}\n`,
    'apiVersion: v1\nentries:\n  a:\n',
  ),
  'charts of an index': numbered(
    (index) => `  a${index}:\n  - {name: a${index}, version: 1.0.0, urls: [a${index}-1.0.0.tgz]}\n`,
    'apiVersion: v1\nentries:\n',
  ),
  'URLs of one version': repeated(
    '"http://h/a.tgz",',
    'apiVersion: v1\nentries:\n  a:\n  - {name: a, version: 1.0.0, urls: [',
    ']}\n',
  ),
  'slashes in a URL': repeated(
    '/',
    'apiVersion: v1\nentries:\n  a:\n  - {name: a, version: 1.0.0, urls: ["http://h',
    '"]}\n',
  ),
};

/** For policies. */
export const POLICY: Readonly<Record<string, Hostile>> = {
  'rules of a policy': numbered(
    (index) => `- {name: r${index}, charts: [a${index}], signedBy: any}\n`,
    'version: 1\nrules:\n',
  ),
  'patterns of a rule': repeated(
    '"https://**/a*/*",',
    'version: 1\nrules: [{name: r, signedBy: any, charts: [',
    ']}]\n',
  ),
  'a pattern of stars': repeated('*a', 'version: 1\nrules: [{name: r, signedBy: any, charts: ["', '"]}]\n'),
  'signers of a rule': numbered((index) => `- key: k${index}\n`, 'version: 1\nsignedBy:\n'),
};

/** For references and file names. */
export const REFERENCES: Readonly<Record<string, Hostile>> = {
  'parts of a path': repeated('/a', 'https://a.example'),
  'dots of a path': repeated('/..', 'https://a.example'),
  'what is encoded': repeated('%20', 'https://a.example/'),
  'parts of a host': repeated('a.', 'https://', 'example/a'),
  'signs of a user': repeated('@', 'https://a.example/'),
  'tags of a repository': repeated(':a', 'oci://a.example/a'),
  'dashes of a repository': repeated('a-', 'oci://a.example/', 'a'),
};

/** For readers of JSON. */
export const JSON_TEXT: Readonly<Record<string, Hostile>> = {
  'open objects': (size) => Buffer.from('{"a":'.repeat(size / 5)),
  'open lists': (size) => Buffer.alloc(size, '['),
  members: (size) => Buffer.from(`{${'"a":1,'.repeat(size / 6)}"b":1}`),
  elements: (size) => Buffer.from(`[${'1,'.repeat(size / 2)}1]`),
  'a text that does not end': (size) => Buffer.from(`{"${'\\"'.repeat(size / 2)}`),
  blanks: (size) => Buffer.from(`{"a"${' '.repeat(size)}:1}`),
};

/** For readers of DER. */
export const DER: Readonly<Record<string, Hostile>> = {
  'octet strings in one another': (size) => nested(size, 0x04),
  'sequences in one another': (size) => nested(size, 0x30),
  'octet strings that end behind those around them': (size) => {
    const bytes = Buffer.alloc(size);
    for (let at = 0; at + 6 <= size; at += 6) {
      const rest = size - at - 6;
      const length =
        rest > 0xffff ? [0x83, rest >> 16, (rest >> 8) & 255, rest & 255] : [0x82, rest >> 8, rest & 255];
      bytes.set([4, 2 + length.length, 4, ...length].slice(0, size - at), at);
    }
    return bytes;
  },
  'an object identifier': (size) =>
    Buffer.concat([
      Buffer.from([0x06, 0x83, size >> 16, (size >> 8) & 255, size & 255]),
      Buffer.alloc(size, 0xff),
    ]),
};

function nested(size: number, tag: number): Uint8Array {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 5 <= size; at += 5) {
    const rest = size - at - 5;
    bytes.set([tag, 0x83, rest >> 16, (rest >> 8) & 255, rest & 255], at);
  }
  return bytes;
}

/** For readers of Sigstore bundles, of the entries and of the statements in them. */
const BUNDLE = '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json",';
export const BUNDLES: Readonly<Record<string, Hostile>> = {
  'empty bundles': repeated('{}\n'),
  'lines of bundles': repeated(`${BUNDLE}"a":1}\n`),
  'entries of a log': repeated('{},', `${BUNDLE}"verificationMaterial":{"tlogEntries":[`, '{}]}}'),
  timestamps: repeated(
    '{"signedTimestamp":"AAAA"},',
    `${BUNDLE}"verificationMaterial":{"timestampVerificationData":{"rfc3161Timestamps":[`,
    '{}]}}}',
  ),
  'a long payload': repeated('A', `${BUNDLE}"dsseEnvelope":{"payload":"`, '"}}'),
  'a long certificate': repeated('A', `${BUNDLE}"verificationMaterial":{"certificate":{"rawBytes":"`, '"}}}'),
  'a long entry': repeated('A', '{"rekorBundle":{"Payload":{"body":"', '"}}}'),
  'signatures of an entry': repeated(
    '{"signature":"","verifier":""},',
    '{"apiVersion":"0.0.1","kind":"dsse","spec":{"signatures":[',
    '{}]}}',
  ),
  subjects: repeated(
    '{"digest":{}},',
    '{"_type":"https://in-toto.io/Statement/v1","predicateType":"a","subject":[',
    '{"digest":{}}]}',
  ),
  'authorities of a root': repeated(
    '{"certChain":{"certificates":[{"rawBytes":"MAA="}]}},',
    '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","certificateAuthorities":[',
    '{"certChain":{"certificates":[{"rawBytes":"MAA="}]}}]}',
  ),
  'the base64 of a key': repeated('AAAA\n', '-----BEGIN PUBLIC KEY-----\n', '-----END PUBLIC KEY-----\n'),
};

/** For versions of charts. */
export const VERSIONS: Readonly<Record<string, Hostile>> = {
  'identifiers of a pre-release': repeated('1.', '1.0.0-', '1'),
  'numbers of a version': repeated('1.', '', '1'),
  'builds of a version': repeated('+a', '1.0.0'),
};

/** For the manifest of a mirror. */
export const MIRROR: Readonly<Record<string, Hostile>> = {
  charts: numbered(
    (index) =>
      `    {"archive":"a-${index}.tgz","name":"a","version":"${index}","verdict":"verified","time":"2026-01-01T00:00:00Z","signer":"${'a'.repeat(40)}"},\n`,
    BEFORE_CHARTS,
    '  ],\n  "files": [\n  ]\n}\n',
  ),
  files: numbered(
    (index) => `    {"path":"keys/${index}","size":${index},"sha256":"${'a'.repeat(64)}"},\n`,
    `${BEFORE_CHARTS}  ],\n  "files": [\n`,
    '  ]\n}\n',
  ),
  'lines between charts and files': repeated('  ],\n  "files": [\n', BEFORE_CHARTS, '  ]\n}\n'),
  'records that are nothing': repeated('0\n', BEFORE_CHARTS, '  ],\n  "files": [\n  ]\n}\n'),
  'a type of blanks': repeated(' ', '{"mediaType":', '"x"'),
};

/** For evidence files. */
const ENTRIES =
  '{"mediaType":"application/vnd.helm-sigstore.evidence.v1+json","log":"https://a.b","entries":[';
export const EVIDENCE: Readonly<Record<string, Hostile>> = {
  'empty entries': repeated('{},', ENTRIES, '{}]}'),
  'a list of hashes': repeated('"",', `${ENTRIES}{"inclusionProof":{"hashes":[`, '""]}}]}'),
  'a long address': repeated('a/', ENTRIES.slice(0, ENTRIES.indexOf('a.b')), '"}'),
  'a long body': repeated('A', `${ENTRIES}{"canonicalizedBody":"`, '"}]}'),
  'unknown members of an entry': numbered((index) => `"k${index}":0,`, `${ENTRIES}{`, '"z":0}]}'),
};

/** For tar archives. POSIX.1-2001, and the forms of GNU. */
export const TAR: Readonly<Record<string, Hostile>> = {
  'empty members': members(() => tarHeader('a')),
  'members whose names differ': members((index) => tarHeader(`a/${index}.yaml`)),
  'members in deep folders': members((index) => tarHeader(`${'a/'.repeat(48)}${index % 10}`)),
  'small members': members(() => tarHeader('a', '0', 'name: a\n')),
  'one large member': (size) => tarHeader('a/Chart.yaml', '0', 'a'.repeat(size)),
  'long names of GNU': members(() => tarHeader('a', 'L', 'a'.repeat(400))),
  'one long name of GNU': (size) => tarHeader('a', 'L', 'a/'.repeat(size / 2)),
  'pax headers': members(() => tarHeader('a', 'x', '12 path=aaa\n')),
  'one pax header of many values': (size) => tarHeader('a', 'x', '12 path=aaa\n'.repeat(size / 12)),
  'blocks of zeros': (size) => Buffer.alloc(size),
};

function members(member: (index: number) => Uint8Array): Hostile {
  return (size) => Buffer.concat(Array.from({ length: Math.ceil(size / 1024) }, (_, index) => member(index)));
}

/** A header with a right checksum, and its content in whole blocks. */
function tarHeader(name: string, type = '0', content = ''): Uint8Array {
  const block = Buffer.alloc(512 + Math.ceil(content.length / 512) * 512);
  const size = content.length.toString(8).padStart(11, '0');
  block.write(name, 0, 'latin1');
  block.write('0000644\0', 100, 'latin1');
  block.write(`${size}\0`, 124, 'latin1');
  block.write(`        ${type}`, 148, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  const sum = block.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0`, 148, 'latin1');
  block.write(content, 512, 'latin1');
  return block;
}

/** Values of a pax header. */
export const PAX: Readonly<Record<string, Hostile>> = {
  'values of one name': repeated('12 path=aaa\n'),
  'values of other names': repeated('11 comm=aa\n'),
  'lengths without an end': repeated('12 '),
};

/** For PEM and signed notes. */
export const LINES: Readonly<Record<string, Hostile>> = {
  'begins of PEM': repeated('-----BEGIN PUBLIC KEY-----\n'),
  'blanks behind a begin of PEM': repeated(' ', '-----BEGIN PUBLIC KEY-----', 'x'),
  'line ends in PEM': repeated('\n', '-----BEGIN PUBLIC KEY-----', 'x'),
  'line ends behind PEM': repeated('\n', '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----', 'x'),
  'empty PEM blocks': repeated('-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----\n'),
  'signatures of a note': repeated('\u2014 log.test AAAAAAAA\n', 'log.test\n1\nAAAA\n\n'),
  'lines of a note': repeated('x\n', 'log.test\n1\nAAAA\n', '\n\u2014 log.test AAAAAAAA\n'),
  'ends of a note': repeated('\n\n', 'log.test', '\u2014 log.test AAAAAAAA\n'),
};

/** For OpenPGP packets: RFC 9580 4. */
export const PACKETS: Readonly<Record<string, Hostile>> = {
  'empty packets': packets(13, () => ''),
  'user IDs': packets(13, (index) => `u${index} <u${index}@example.com>`, key()),
  'packets of trust': packets(12, () => 'a', key()),
  markers: packets(10, () => 'PGP'),
  revocations: packets(2, (index) => `\x04\x20\x01\x0a\0\0\0\0${index}`, key()),
  'revocations that stand alone': packets(2, (index) => `\x04\x20\x01\x0a\0\0\0\0${index}`),
  'signatures of nothing': packets(2, (index) => `\x04\x13\x01\x0a\0\0\0\0${index}`, key()),
  'subkeys without a binding': (size) =>
    Buffer.concat([key(), ...Array.from({ length: Math.ceil(size / 60) }, (_, index) => key(14, index))]),
  'copies of one key': (size) => Buffer.concat(Array.from({ length: Math.ceil(size / 60) }, () => key())),
  'primary keys': (size) =>
    Buffer.concat(Array.from({ length: Math.ceil(size / 60) }, (_, index) => key(6, index))),
  subpackets: (size) =>
    signature(Buffer.from('\x02\x65a'.repeat(Math.floor(Math.min(size, 65_000) / 3)), 'latin1')),
  'empty subpackets': (size) => signature(Buffer.alloc(Math.min(size, 65_000), 1)),
  'partial lengths': (size) => Buffer.from('\xcd' + '\xe0a'.repeat(size / 2), 'latin1'),
};

function packets(tag: number, body: (index: number) => string, first: Uint8Array = Buffer.alloc(0)): Hostile {
  return (size) => {
    const parts = [first];
    for (let index = 0, made = 0; made < size; index++) {
      const packet = writePacket({ tag, body: Buffer.from(body(index), 'latin1') });
      parts.push(packet);
      made += packet.length;
    }
    return Buffer.concat(parts);
  };
}

/** An Ed25519 key packet; its point is nothing. */
function key(tag = 6, number = 0): Uint8Array {
  const point = Buffer.alloc(35);
  point.writeUInt32BE(number, 10);
  point.writeUInt16BE(263);
  point[2] = 0x40;
  const head = Buffer.from('046592008016092b06010401da470f01', 'hex');
  return writePacket({ tag, body: Buffer.concat([head, point]) });
}

/** A version 4 signature whose hashed area is this. */
function signature(hashed: Uint8Array): Uint8Array {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(hashed.length);
  const end = Buffer.from('0000abcd0001010001 01'.replace(' ', ''), 'hex');
  return writePacket({ tag: 2, body: Buffer.concat([Buffer.from('0400160a', 'hex'), length, hashed, end]) });
}

/** The packets in an armored block. */
export function armored(hostile: Hostile): Hostile {
  return (size) => {
    const lines = encodeBase64(hostile(size)).match(/.{1,64}/g) ?? [];
    const type = 'PGP PUBLIC KEY BLOCK';
    return encodeUtf8([`-----BEGIN ${type}-----`, '', ...lines, `-----END ${type}-----`, ''].join('\n'));
  };
}
