import { gzip, tarOf, tgzOf } from '../../support/archives.ts';
import { CHART, type BadInput } from './site.ts';

const readers = ['upload', 'verify', 'search', 'inspect'] as const;
/** Those that compare the digest with what is signed, and do not unpack the archive. */
const judges = ['verify', 'inspect'] as const;

const packageIt = /package the chart with helm package/;
const getItAgain = /get archive and provenance again, from where the publisher puts them/;
const chartYaml = 'apiVersion: v2\nname: hello\nversion: 0.1.0\n';

/** What upload says of an archive that it cannot look into. */
function cannotOpen(
  input: string,
  archive: () => Uint8Array | Promise<Uint8Array>,
  reason: RegExp,
): BadInput {
  return {
    input,
    commands: ['upload'],
    stage: async (site) => {
      await site.writeSigned(await archive());
    },
    status: 3,
    error: new RegExp(`hello-0\\.1\\.0\\.tgz is no packaged chart: ${reason.source}`),
    hint: packageIt,
  };
}

export const BAD_ARCHIVES: readonly BadInput[] = [
  {
    input: 'a file that is missing',
    commands: readers,
    stage: (site) => site.remove(CHART),
    status: 3,
    error: /there is no file hello-0\.1\.0\.tgz/,
  },
  {
    input: 'a directory',
    commands: readers,
    stage: (site) => site.makeDirectory(CHART),
    status: 3,
    error: /hello-0\.1\.0\.tgz is no packaged chart: it is a directory/,
    hint: packageIt,
  },
  {
    input: 'an empty file',
    commands: readers,
    stage: (site) => site.write(CHART, ''),
    status: 3,
    error: /hello-0\.1\.0\.tgz is no packaged chart: it is empty/,
    hint: packageIt,
  },
  {
    input: 'a file that is not gzip',
    commands: readers,
    stage: (site) => site.write(CHART, '<html>not found</html>'),
    status: 3,
    error: /hello-0\.1\.0\.tgz is no packaged chart: it is not compressed with gzip/,
    hint: packageIt,
  },
  {
    input: 'a tar archive without gzip',
    commands: readers,
    stage: async (site) => {
      await site.write(CHART, await tarOf(['hello/Chart.yaml', chartYaml]));
    },
    status: 3,
    error: /hello-0\.1\.0\.tgz is no packaged chart: it is not compressed with gzip/,
    hint: packageIt,
  },
  cannotOpen(
    'gzip of something else than tar',
    () => gzip('hello '.repeat(200)),
    /what is compressed in it is no tar archive: .*/,
  ),
  cannotOpen(
    'gzip that is damaged',
    () => Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4]),
    /it is not compressed with gzip, or damaged: .*/,
  ),
  cannotOpen(
    'an archive that is cut in the middle',
    async () => {
      const archive = await tgzOf(['hello/values.yaml', 'a: 1\n'], ['hello/Chart.yaml', chartYaml]);
      return archive.subarray(0, archive.length / 2);
    },
    /.*/,
  ),
  cannotOpen(
    'an archive without Chart.yaml',
    () => tgzOf(['hello/values.yaml', 'a: 1\n']),
    /there is no Chart\.yaml in it/,
  ),
  cannotOpen(
    'an archive with two directories at its top',
    () => tgzOf(['other/values.yaml', ''], ['hello/Chart.yaml', chartYaml]),
    /expected one directory at its top, found "other" and "hello"/,
  ),
  {
    input: 'a Chart.yaml without a name',
    commands: ['upload'],
    stage: async (site) => {
      await site.writeSigned(await tgzOf(['hello/Chart.yaml', 'version: 0.1.0\n']));
    },
    status: 3,
    error: /Chart\.yaml in hello-0\.1\.0\.tgz: name: expected a name, found nothing/,
  },
  {
    input: 'a Chart.yaml that is no YAML',
    commands: ['upload'],
    stage: async (site) => {
      await site.writeSigned(await tgzOf(['hello/Chart.yaml', 'name: [\n']));
    },
    status: 3,
    error: /Chart\.yaml in hello-0\.1\.0\.tgz: expected YAML, found ".*"/,
  },
  {
    input: 'gzip of something else than what was signed',
    commands: judges,
    stage: (site) => site.write(CHART, gzip('hello')),
    status: 10,
    error:
      /hello-0\.1\.0\.tgz: archive-digest: the archive is not the one that was signed: expected sha256:[0-9a-f]{64}, found sha256:[0-9a-f]{64}/,
    hint: getItAgain,
  },
  {
    input: 'gzip of something that nobody logged',
    commands: ['search'],
    stage: (site) => site.write(CHART, gzip('hello')),
    status: 4,
    error: /no entry for hello-0\.1\.0\.tgz \(sha256:[0-9a-f]{64}\) in http:\/\/127\.0\.0\.1:[0-9]+/,
  },
];

/** Two gigabytes of zeros: as many members of one gzip file. */
export const BOMB = cannotOpen(
  'two gigabytes of zeros in gzip',
  () => {
    const member = gzip(Buffer.alloc(64 << 20), { level: 9 });
    return Buffer.concat(Array.from({ length: 32 }, () => member));
  },
  /there is no Chart\.yaml in its first 104857600 bytes, unpacked/,
);
