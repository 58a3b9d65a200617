import { gzip } from './archives.ts';
import { ODD_LINE_ENDS } from './odd-line-ends.ts';

/** One member of an archive that is written byte by byte, so that it may be odd. */
interface RawMember {
  readonly name: string;
  readonly content?: string | Uint8Array;
  /** The type flag; the default is a regular file. */
  readonly type?: string;
  /** In the header, where it is another than that of the content. */
  readonly size?: number;
  readonly mode?: number;
  readonly linkname?: string;
  /** In place of `ustar`. */
  readonly magic?: string;
  /** What stands in the header at other places, by offset. */
  readonly fields?: Readonly<Record<number, string>>;
  /** Whether bytes count as numbers from -128 on in the checksum, as some old programs have it. */
  readonly isSumSigned?: boolean;
}

/** A tar archive of these members, without its end. POSIX.1-1988 */
function rawTar(...members: readonly RawMember[]): Buffer {
  return Buffer.concat(members.flatMap(blocksOf));
}

/** Two blocks of zeros. */
const TAR_END = Buffer.alloc(1024);

/** A gzipped tar archive of these members. */
function rawTgz(...members: readonly RawMember[]): Uint8Array {
  return gzip(Buffer.concat([rawTar(...members), TAR_END]));
}

/** A header in which a checksum stands and nothing else. */
function emptyHeader(): Buffer {
  const header = Buffer.alloc(512);
  header.write('000400\0 ', 148);
  return header;
}

/** The records of a pax header. POSIX.1-2001 */
function pax(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      const size = Buffer.byteLength(rest);
      const length = size + String(size + String(size).length).length;
      return `${length}${rest}`;
    })
    .join('');
}

function blocksOf({
  name,
  content = '',
  type = '0',
  size,
  mode = 0o644,
  linkname = '',
  magic,
  fields = {},
  isSumSigned = false,
}: RawMember): Buffer[] {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write(`${mode.toString(8).padStart(7, '0')}\0`, 100);
  header.write('0000000\0'.repeat(2), 108);
  header.write(`${(size ?? bytes.length).toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write(' '.repeat(8), 148);
  header.write(type, 156, 'latin1');
  header.write(linkname, 157, 100);
  header.write(magic ?? 'ustar\x0000', 257, 'latin1');
  for (const [at, text] of Object.entries(fields)) header.write(text, Number(at), 'latin1');
  const sum = header.reduce((total, byte) => total + (isSumSigned && byte > 127 ? byte - 256 : byte), 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
}

const yaml = (name: string, version = '1.0.0') => `apiVersion: v2\nname: ${name}\nversion: ${version}\n`;
const file = (name: string, content = yaml('hello'), more: Partial<RawMember> = {}): RawMember => ({
  name,
  content,
  ...more,
});

/** An odd archive, and which chart Helm takes it for: name and version, or `refused`. */
export interface OddArchive {
  readonly what: string;
  readonly bytes: Uint8Array;
  readonly helm: string;
  /** Where this reader refuses what Helm takes: why. */
  readonly refusedHere?: string;
}

const odd = (what: string, helm: string, ...members: readonly RawMember[]): OddArchive => ({
  what,
  helm,
  bytes: rawTgz(...members),
});

const HELLO = 'hello 1.0.0';
const longName = `${'d'.repeat(150)}/Chart.yaml`;

/** What Helm 3.17.3, 3.18.0, 3.22.0, 4.1.4 and 4.3.1 make of archives; test/e2e asks them again. */
export const ODD_ARCHIVES: readonly OddArchive[] = [
  odd('as Helm packs it', HELLO, file('hello/Chart.yaml')),
  odd('Chart.yaml at the top', 'refused', file('Chart.yaml')),
  odd('Chart.yaml in the folder "."', HELLO, file('./Chart.yaml')),
  odd('a folder in the folder "."', 'refused', file('./hello/Chart.yaml')),
  odd('Chart.yaml in a folder without a name', HELLO, file('/Chart.yaml')),
  odd('an absolute name', 'refused', file('/hello/Chart.yaml')),
  odd('two slashes', 'refused', file('hello//Chart.yaml')),
  odd('Chart.yaml in the folder ".."', HELLO, file('../Chart.yaml')),
  odd('a step back', 'refused', file('hello/../Chart.yaml')),
  odd('a step in and back', HELLO, file('hello/x/../Chart.yaml')),
  odd('a file whose name begins with two dots', 'refused', file('hello/Chart.yaml'), file('hello/..x')),
  odd('a dot in the middle', HELLO, file('hello/./Chart.yaml')),
  {
    ...odd('a slash at the end of a file', HELLO, file('hello/Chart.yaml/', yaml('hello'), { type: '0' })),
    refusedHere: 'found what may be both',
  },
  odd('backslashes', HELLO, file('hello\\Chart.yaml')),
  odd('a backslash in the folder', 'refused', file('hel\\lo/Chart.yaml')),
  odd('backslashes and a step back', 'refused', file('hello\\..\\Chart.yaml')),
  odd('a drive', 'refused', file('hello/Chart.yaml'), file('hello/c:/x')),
  odd('a drive with backslashes', 'refused', file('hello/Chart.yaml'), file('x\\c:\\x')),
  odd('other letters', 'refused', file('hello/chart.yaml')),
  odd('a sub-chart alone', 'refused', file('hello/charts/sub/Chart.yaml')),
  odd('a file in front', HELLO, file('hello/values.yaml', 'a: 1\n'), file('hello/Chart.yaml')),
  odd('two folders at the top', HELLO, file('other/README.md', 'x'), file('hello/Chart.yaml')),
  odd(
    'two charts, the last counts',
    'other 2.0.0',
    file('hello/Chart.yaml'),
    file('x/Chart.yaml', yaml('other', '2.0.0')),
  ),
  odd(
    'two charts, the last without a version',
    'other 1.0.0',
    file('hello/Chart.yaml'),
    file('hello/Chart.yaml', 'apiVersion: v2\nname: other\n'),
  ),
  odd(
    'requirements.yaml with a name',
    'other 1.0.0',
    file('hello/requirements.yaml', 'name: other\n'),
    file('hello/Chart.yaml', yaml('hello').replace('v2', 'v1')),
  ),
  odd(
    'a link as Chart.yaml',
    'refused',
    file('hello/Chart.yaml', '', { type: '2', linkname: '/etc/passwd' }),
  ),
  odd(
    'a link after Chart.yaml',
    HELLO,
    file('hello/Chart.yaml'),
    file('hello/Chart.yaml', '', { type: '2', linkname: 'x' }),
  ),
  odd(
    'a hard link after Chart.yaml',
    HELLO,
    file('hello/Chart.yaml'),
    file('hello/x', '', { type: '1', linkname: 'hello/Chart.yaml' }),
  ),
  odd(
    'a link that says it has a size',
    'refused',
    file('hello/Chart.yaml'),
    file('hello/x', '', { type: '2', linkname: 'x', size: 5 }),
  ),
  odd('a device', HELLO, file('hello/Chart.yaml'), file('hello/x', '', { type: '3' })),
  odd('a pipe', HELLO, file('hello/Chart.yaml'), file('hello/x', '', { type: '6' })),
  odd('a folder named Chart.yaml', 'refused', file('hello/Chart.yaml', '', { type: '5' })),
  odd(
    'a file with the mode of a folder',
    'refused',
    file('hello/Chart.yaml', yaml('hello'), { mode: 0o040755 }),
  ),
  odd('an old type flag', HELLO, file('hello/Chart.yaml', yaml('hello'), { type: '\0' })),
  odd('an old folder', 'refused', file('hello/Chart.yaml/', '', { type: '\0' })),
  odd('a contiguous file', HELLO, file('hello/Chart.yaml', yaml('hello'), { type: '7' })),
  odd('an unknown type flag', HELLO, file('hello/Chart.yaml', yaml('hello'), { type: 'Z' })),
  odd('no ustar', HELLO, file('hello/Chart.yaml', yaml('hello'), { magic: '\0'.repeat(8) })),
  odd('the header of GNU', HELLO, file('hello/Chart.yaml', yaml('hello'), { magic: 'ustar  \0' })),
  odd('a byte order mark', HELLO, file('hello/Chart.yaml', `\ufeff${yaml('hello')}`)),
  odd('a long name of pax', HELLO, file('x', pax({ path: longName }), { type: 'x' }), file('short')),
  odd('a long name of GNU', HELLO, file('././@LongLink', `${longName}\0`, { type: 'L' }), file('short')),
  {
    ...odd(
      'pax and GNU',
      HELLO,
      file('x', pax({ path: 'hello/nothing' }), { type: 'x' }),
      file('././@LongLink', `${longName}\0`, { type: 'L' }),
      file('short'),
    ),
    refusedHere: 'expected one long name of a file, found several',
  },
  odd('an empty path of pax', HELLO, file('x', pax({ path: '' }), { type: 'x' }), file('hello/Chart.yaml')),
  odd(
    'a path of pax for all',
    HELLO,
    file('g', pax({ path: 'hello/x', comment: 'c' }), { type: 'g' }),
    file('hello/Chart.yaml'),
  ),
  odd(
    'a path of pax after which comes one for all',
    'refused',
    file('x', pax({ path: 'hello/Chart.yaml' }), { type: 'x' }),
    file('g', pax({ comment: 'c' }), { type: 'g' }),
    file('hello/other'),
  ),
  {
    ...odd(
      'a size of pax',
      HELLO,
      file('x', pax({ size: String(yaml('hello').length) }), { type: 'x' }),
      file('hello/Chart.yaml', yaml('hello'), { size: 0 }),
    ),
    refusedHere: 'a size in a pax header',
  },
  odd(
    'a damaged pax header',
    'refused',
    file('x', '99 path=hello/x\n', { type: 'x' }),
    file('hello/Chart.yaml'),
  ),
  odd(
    'the header of GNU with times',
    HELLO,
    file('hello/Chart.yaml', yaml('hello'), { magic: 'ustar  \0', fields: { 345: '00000000001\0' } }),
  ),
  {
    ...odd(
      'the header of GNU with the beginning of a name',
      HELLO,
      file('hello/Chart.yaml'),
      file('hello/Chart.yaml', yaml('other'), { magic: 'ustar  \0', fields: { 345: 'x' } }),
    ),
    refusedHere: 'not a number',
  },
  odd(
    'the beginning of a name apart',
    HELLO,
    file('Chart.yaml', yaml('hello'), { fields: { 345: 'hello' } }),
  ),
  {
    ...odd(
      'the header of star with a long beginning of a name',
      'refused',
      file('hello/Chart.yaml'),
      file('Chart.yaml', yaml('other'), { fields: { 345: 'x/'.repeat(70), 508: 'tar\0' } }),
    ),
    refusedHere: 'a header of star',
  },
  odd(
    'the header of star',
    HELLO,
    file('Chart.yaml', yaml('hello'), { fields: { 345: 'hello', 508: 'tar\0' } }),
  ),
  {
    what: 'an empty header',
    helm: 'refused',
    bytes: gzip(
      Buffer.concat([
        rawTar(file('hello/Chart.yaml')),
        emptyHeader(),
        rawTar(file('x/Chart.yaml', yaml('other'))),
        TAR_END,
      ]),
    ),
  },
  odd(
    'an owner that is no number',
    'refused',
    file('hello/Chart.yaml', yaml('hello'), { fields: { 108: 'root' } }),
  ),
  odd(
    'a size that is no number',
    'refused',
    file('hello/Chart.yaml', yaml('hello'), { fields: { 124: '12 34' } }),
  ),
  {
    ...odd(
      'a size in binary',
      HELLO,
      file('hello/Chart.yaml', yaml('hello'), {
        fields: { 124: `\x80${'\0'.repeat(10)}${String.fromCharCode(yaml('hello').length)}` },
      }),
    ),
    refusedHere: 'not a number',
  },
  {
    ...odd(
      'a size behind a NUL and a blank',
      HELLO,
      file('hello/Chart.yaml', yaml('hello'), {
        fields: { 124: `\0 ${yaml('hello').length.toString(8).padStart(9, '0')} ` },
      }),
    ),
    refusedHere: 'not a number',
  },
  {
    ...odd(
      'a checksum of signed bytes',
      HELLO,
      file('hello/Chart.yaml', yaml('hello'), { fields: { 265: '\xff' }, isSumSigned: true }),
    ),
    refusedHere: 'Invalid tar header',
  },
  odd(
    'a name that is no UTF-8',
    HELLO,
    file('hello/Chart.yaml'),
    file('hello/x', '', { fields: { 6: '\xff' } }),
  ),
  odd('a folder that is no UTF-8', HELLO, file('hello/Chart.yaml', yaml('hello'), { fields: { 0: '\xff' } })),
  odd(
    'a long name of GNU of an old kind',
    'refused',
    file('hello/Chart.yaml'),
    file('x', 'x/Chart.yaml\0', { type: 'N' }),
    file('x/y', yaml('other')),
  ),
  {
    ...odd('an empty long name of GNU', HELLO, file('x', '', { type: 'L' }), file('hello/Chart.yaml')),
    refusedHere: 'a long name without a name',
  },
  {
    ...odd('an empty pax header', HELLO, file('x', '', { type: 'x' }), file('hello/Chart.yaml')),
    refusedHere: 'a long name without a name',
  },
  {
    ...odd(
      'two long names of GNU',
      HELLO,
      file('x', 'x/y\0', { type: 'L' }),
      file('x', 'hello/Chart.yaml\0', { type: 'L' }),
      file('x/z'),
    ),
    refusedHere: 'expected one long name',
  },
  odd(
    'two pax headers',
    'refused',
    file('x', pax({ path: 'hello/Chart.yaml' }), { type: 'x' }),
    file('x', pax({ comment: 'c' }), { type: 'x' }),
    file('x/z'),
  ),
  odd(
    'two paths in a pax header, the last one empty',
    HELLO,
    file('x', pax({ path: 'x/y' }) + pax({ path: '' }), { type: 'x' }),
    file('hello/Chart.yaml'),
  ),
  odd(
    'two paths in a pax header',
    HELLO,
    file('x', pax({ path: 'x/y' }) + pax({ path: 'hello/Chart.yaml' }), { type: 'x' }),
    file('x/z'),
  ),
  odd(
    'a pax header with a number that is too short',
    'refused',
    file('x', `5${pax({ path: 'x/y' }).slice(2)}`, { type: 'x' }),
    file('hello/Chart.yaml'),
  ),
  odd(
    'a path of pax for all, and a pax header',
    HELLO,
    file('g', pax({ path: 'x/Chart.yaml' }), { type: 'g' }),
    file('x', pax({ comment: 'c' }), { type: 'x' }),
    file('hello/Chart.yaml'),
  ),
  {
    ...odd(
      'a comment for all behind a long name of GNU',
      HELLO,
      file('hello/Chart.yaml'),
      file('x', 'x/Chart.yaml\0', { type: 'L' }),
      file('g', pax({ comment: 'c' }), { type: 'g' }),
      file('x/y', yaml('other')),
    ),
    refusedHere: 'expected one long name',
  },
  {
    ...odd(
      'a folder with a size',
      HELLO,
      file('hello/', '', { type: '5', size: 5 }),
      file('hello/Chart.yaml'),
    ),
    refusedHere: 'with a size',
  },
  {
    ...odd(
      'an old folder with a size',
      'other 1.0.0',
      file('hello/Chart.yaml'),
      file('x/', '', { type: '\0', size: 1024 }),
      file('x/Chart.yaml', yaml('other')),
    ),
    refusedHere: 'found what may be both',
  },
  {
    ...odd(
      'an old folder beside a chart',
      HELLO,
      file('hello/', '', { type: '\0' }),
      file('hello/Chart.yaml'),
    ),
    refusedHere: 'found what may be both',
  },
  odd('a folder beside a chart', HELLO, file('hello/', '', { type: '5' }), file('hello/Chart.yaml')),
  odd('a sparse file of GNU', 'refused', file('hello/Chart.yaml'), file('hello/x', '', { type: 'S' })),
  odd(
    'a sparse file of pax',
    'refused',
    file('hello/Chart.yaml'),
    file(
      'x',
      pax({
        'GNU.sparse.major': '1',
        'GNU.sparse.minor': '0',
        'GNU.sparse.name': 'x/Chart.yaml',
        'GNU.sparse.realsize': '1',
      }),
      { type: 'x' },
    ),
    file('hello/x', '0\n'),
  ),
  { what: 'no end', helm: HELLO, bytes: gzip(rawTar(file('hello/Chart.yaml'))) },
  {
    what: 'one block of zeros as the end',
    helm: HELLO,
    bytes: gzip(Buffer.concat([rawTar(file('hello/Chart.yaml')), Buffer.alloc(512)])),
  },
  {
    what: 'a block of zeros in the middle',
    helm: 'refused',
    bytes: gzip(Buffer.concat([Buffer.alloc(512), rawTar(file('hello/Chart.yaml')), TAR_END])),
  },
  {
    what: 'a second archive behind the end',
    helm: HELLO,
    bytes: gzip(
      Buffer.concat([
        rawTar(file('hello/Chart.yaml')),
        TAR_END,
        rawTar(file('x/Chart.yaml', yaml('other'))),
        TAR_END,
      ]),
    ),
  },
  {
    what: 'the last block not filled',
    helm: HELLO,
    bytes: gzip(rawTar(file('hello/Chart.yaml')).subarray(0, -9)),
    refusedHere: 'it ends too early',
  },
  { what: 'nothing in it', helm: 'refused', bytes: gzip(TAR_END) },
  { what: 'nothing at all in it', helm: 'refused', bytes: gzip('') },
  {
    what: 'several gzip members',
    helm: HELLO,
    bytes: Buffer.concat([gzip(rawTar(file('hello/Chart.yaml'))), gzip(TAR_END)]),
  },
  {
    what: 'a chart in a second gzip member, behind the end',
    helm: HELLO,
    bytes: Buffer.concat([rawTgz(file('hello/Chart.yaml')), rawTgz(file('x/Chart.yaml', yaml('other')))]),
  },
  {
    what: 'garbage behind the gzip member',
    helm: HELLO,
    bytes: Buffer.concat([rawTgz(file('hello/Chart.yaml')), Buffer.from('garbage')]),
    refusedHere: 'it is not compressed with gzip, or damaged',
  },
  {
    what: 'a wrong checksum',
    helm: 'refused',
    bytes: gzip(Buffer.concat([rawTar(file('hello/Chart.yaml')).fill('9', 148, 150), TAR_END])),
  },
  odd(
    'a number as version',
    'hello 1.1',
    file('hello/Chart.yaml', 'apiVersion: v2\nname: hello\nversion: 1.10\n'),
  ),
  odd(
    'a number in quotes as version',
    'hello 1.10',
    file('hello/Chart.yaml', 'apiVersion: v2\nname: hello\nversion: "1.10"\n'),
  ),
  odd(
    'a hexadecimal number as version',
    'hello 16',
    file('hello/Chart.yaml', 'apiVersion: v2\nname: hello\nversion: 0x10\n'),
  ),
  odd(
    'an exponent as version',
    'hello 1000',
    file('hello/Chart.yaml', 'apiVersion: v2\nname: hello\nversion: 1e3\n'),
  ),
  odd(
    'a number as name',
    '123 1.0.0',
    file('hello/Chart.yaml', 'apiVersion: v2\nname: 123\nversion: 1.0.0\n'),
  ),
  odd('yes as name', 'true 1.0.0', file('hello/Chart.yaml', 'apiVersion: v2\nname: yes\nversion: 1.0.0\n')),
  odd('null as name', 'refused', file('hello/Chart.yaml', 'apiVersion: v2\nname: null\nversion: 1.0.0\n')),
  odd('nothing as version', 'refused', file('hello/Chart.yaml', 'apiVersion: v2\nname: hello\nversion:\n')),
  odd('no name', 'refused', file('hello/Chart.yaml', 'apiVersion: v2\nversion: 1.0.0\n')),
  odd('a path as name', 'refused', file('hello/Chart.yaml', yaml('a/b'))),
  odd('a blank in the name', 'web chart 1.0.0', file('hello/Chart.yaml', yaml('web chart'))),
  odd('an underscore in front', '_hello 1.0.0', file('hello/Chart.yaml', yaml('_hello'))),
  odd('letters of other alphabets', 'грüße 1.0.0', file('hello/Chart.yaml', yaml('грüße'))),
  odd('what cannot be seen in the name', 'hello 1.0.0', file('hello/Chart.yaml', yaml('"hel\\u200blo"'))),
  odd('a version that is none', 'refused', file('hello/Chart.yaml', yaml('hello', 'latest'))),
  odd('a version of two numbers', 'hello 1.2', file('hello/Chart.yaml', yaml('hello', '"1.2"'))),
  odd('a version with a v', 'hello v1.2.3', file('hello/Chart.yaml', yaml('hello', 'v1.2.3'))),
  odd(
    'a version with everything',
    'hello 1.2.3-rc.1+b.5',
    file('hello/Chart.yaml', yaml('hello', '1.2.3-rc.1+b.5')),
  ),
  odd(
    'an anchor',
    HELLO,
    file('hello/Chart.yaml', 'apiVersion: v2\nhome: &a hello\nname: *a\nversion: 1.0.0\n'),
  ),
  odd('an empty Chart.yaml', 'refused', file('hello/Chart.yaml', '')),
  {
    ...odd('two names', 'other 1.0.0', file('hello/Chart.yaml', `${yaml('hello')}name: other\n`)),
    refusedHere: 'duplicated mapping key',
  },
  {
    ...odd(
      'a name in other letters',
      'hello 1.0.0',
      file('hello/Chart.yaml', yaml('hello').replace('name', 'Name')),
    ),
    refusedHere: 'can be read in two ways',
  },
  {
    ...odd(
      'a merge key',
      'hello 1.0.0',
      file('hello/Chart.yaml', `base: &b {name: hello}\n<<: *b\n${yaml('x').replace('name: x\n', '')}`),
    ),
    refusedHere: 'can be read in two ways',
  },
  ...ODD_LINE_ENDS.map(({ what, content, helm, refusedHere }) => ({
    ...odd(what, helm, file('hello/Chart.yaml', content)),
    ...(refusedHere !== undefined && { refusedHere }),
  })),
];
