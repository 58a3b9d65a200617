import fc from 'fast-check';
import * as openpgp from 'openpgp';
import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/errors.ts';
import { encodeArmor } from '../../src/openpgp/armor.ts';
import { splitCleartext } from '../../src/provenance/cleartext.ts';
import { unlessMalformed } from '../support/malformed.ts';
import { createSigner } from '../support/signer.ts';

const BEGIN = '-----BEGIN PGP SIGNED MESSAGE-----';
const ARMOR = encodeArmor('PGP SIGNATURE', Buffer.from('signature'));
const FILE = `${BEGIN}\nHash: SHA512\n\nname: app\n- - item\n\n...\nfiles:\n${ARMOR}\n`;

describe('a cleartext-signed message', () => {
  it('is split into the bytes that are signed, the text and the signature', () => {
    const { signedBytes, text, signature } = splitCleartext(Buffer.from(FILE));
    expect(string(signedBytes)).toBe('name: app\r\n- item\r\n\r\n...\r\nfiles:');
    expect(string(text)).toBe('name: app\n- item\n\n...\nfiles:');
    expect(string(signature)).toBe('signature');
  });

  it.each([
    ['CRLF', FILE.replaceAll('\n', '\r\n')],
    ['blanks at the end of lines', FILE.replaceAll(/(app|item|files:)\n/g, '$1 \t\n')],
    ['no hash header', FILE.replace('Hash: SHA512\n', '')],
    ['several hash headers', FILE.replace('Hash: SHA512', 'Hash: SHA256,SHA1\nHash: MD5, SHA512')],
    ['no line break at its end', FILE.trimEnd()],
    ['an escaped line that needs no escape', FILE.replace('name: app', '- name: app')],
  ])('means the same with %s', (_, file) => {
    expect(splitCleartext(Buffer.from(file))).toEqual(splitCleartext(Buffer.from(FILE)));
  });

  it.each([
    ['text before it', `name: evil\n${FILE}`, 'found "name: evil"'],
    ['an empty line before it', `\n${FILE}`, 'expected a file that starts with'],
    ['a byte order mark', `\ufeff${FILE}`, 'expected a file that starts with'],
    ['blanks after its first line', FILE.replace(BEGIN, `${BEGIN} `), 'expected a file that starts with'],
    ['text after it', `${FILE}name: evil`, 'expected nothing after the block'],
    ['a second message after it', FILE + FILE, 'expected nothing after the block'],
    ['a second signature block', FILE + ARMOR, 'expected nothing after the block'],
    ['text where the headers are', FILE.replace('Hash: SHA512', 'name: evil'), 'found "name: evil"'],
    ['another header', FILE.replace('Hash', 'Comment'), 'expected only "Hash" headers'],
    ['an unknown hash', FILE.replace('SHA512', 'SHA513'), 'expected only "Hash" headers'],
    ['a header of blanks', FILE.replace('\n\n', '\n \n'), 'expected only "Hash" headers'],
    [
      'a line that needs an escape and has none',
      FILE.replace('- - item', '- item\n-item'),
      'line 6 starts with a dash',
    ],
    [
      'a line that looks like the end of the text',
      FILE.replace('- - item', '-----X-----'),
      'line 5 starts with a dash',
    ],
    ['blanks after the line that ends the text', FILE.replace('SIGNATURE-----', 'SIGNATURE----- '), 'none'],
    ['a carriage return within a line', FILE.replace('app', 'a\rpp'), 'line 4 holds a carriage return'],
    ['two carriage returns at the end of a line', FILE.replace('app', 'app\r\r'), 'line 4 holds'],
    ['a NUL', FILE.replace('app', 'a\0pp'), 'line 4 holds'],
    ['no signature', FILE.slice(0, FILE.indexOf('-----BEGIN PGP SIGNATURE')), 'found none'],
    ['half a signature', FILE.slice(0, -20), 'expected the line "-----END PGP SIGNATURE-----"'],
    ['no text', `${BEGIN}\nHash: SHA512\n${ARMOR}`, 'found none'],
    ['nothing in it', '', 'expected a file that starts with'],
  ])('with %s is refused', (_, file, message) => {
    expect(() => splitCleartext(Buffer.from(file))).toThrow(MalformedError);
    expect(() => splitCleartext(Buffer.from(file))).toThrow(message);
  });

  const anyLine = fc.oneof(
    fc.string({
      unit: fc.constantFrom('a', ' ', '\t', '-', '.', ':', '\u00a0', 'é', '\u2028'),
      maxLength: 12,
    }),
    fc.constantFrom(BEGIN, '-----BEGIN PGP SIGNATURE-----', '...', '- ', '-', ''),
  );

  it('is split as the lines that went into it tell, and as the OpenPGP library reads it', async () => {
    const signed = string(await (await createSigner()).signText('any'));
    const armor = signed.slice(signed.indexOf('-----BEGIN PGP SIGNATURE-----'));
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { minLength: 1 }), fc.boolean(), async (lines, crlf) => {
        const escaped = lines.map((line) => (line.startsWith('-') ? `- ${line}` : line));
        const file = `${BEGIN}\nHash: SHA512\n\n${escaped.join('\n')}\n${armor}`;
        const split = splitCleartext(Buffer.from(crlf ? file.replaceAll('\n', '\r\n') : file));
        const trimmed = lines.map((line) => line.replace(/[ \t]+$/, ''));
        expect(Buffer.from(split.signedBytes)).toEqual(Buffer.from(trimmed.join('\r\n')));
        expect(Buffer.from(split.text)).toEqual(Buffer.from(trimmed.join('\n')));
        const message = await openpgp.readCleartextMessage({ cleartextMessage: file });
        expect(string(split.text)).toBe(message.getText());
      }),
    );
  });

  it('keeps bytes that are not UTF-8', () => {
    const file = Buffer.from(FILE.replace('app', '\u00e9\u0080\u00ff'), 'latin1');
    expect(Buffer.from(splitCleartext(file).signedBytes).toString('latin1')).toContain('\u00e9\u0080\u00ff');
  });

  it('no file makes the splitter fail in any other way', () => {
    const line = fc.constantFrom(...FILE.split('\n'), '', ' ', '- ', '-', '\r', 'x\0', 'é');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const split = unlessMalformed(() => splitCleartext(Buffer.from(lines.join('\n'))));
        expect(split === undefined || lines[0] === BEGIN).toBe(true);
      }),
    );
  });
});

function string(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}
