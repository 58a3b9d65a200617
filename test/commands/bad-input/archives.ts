import { gzip, tarOf, tgzOf } from '../../support/archives.ts';
import { CHART } from '../../support/world/working-directory.ts';
import type { BadInput } from './bad-input.ts';

const readers = ['upload', 'verify', 'search', 'inspect'] as const;
/** Those that compare the digest with what is signed, and do not unpack the archive. */
const judges = ['verify', 'inspect'] as const;

const packageIt = {
  consumer: /get the packaged chart with helm pull --prov/,
  publisher: /package the chart with helm package/,
};
const getItAgain = {
  consumer: /get archive and provenance again, from where the publisher puts them/,
  publisher: /the archive was changed after it was signed: sign it again with helm sigstore sign --force/,
};
const lookAtPage = /the server answered with a page in place of the file: .*/;
const getItAsPublished = /get it again as it was published, .*/;
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
    input: 'its evidence in its place',
    commands: readers,
    stage: (site) =>
      site.write(CHART, '{\n  "mediaType": "application/vnd.helm-sigstore.evidence.v1+json",\n  "log": "'),
    status: 3,
    error: /hello-0\.1\.0\.tgz is no packaged chart: .* but is an evidence file, and starts with ".*"/,
    hint: /give the archive that it belongs to: the same path without \.rekor\.json/,
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
    error:
      /hello-0\.1\.0\.tgz is no packaged chart: it is not compressed with gzip but is a web page, and starts with ".*"/,
    hint: lookAtPage,
  },
  {
    input: 'its evidence in place of the archive',
    commands: readers,
    stage: async (site) => {
      const evidence = {
        mediaType: 'application/vnd.helm-sigstore.evidence.v1+json',
        log: 'https://log.example',
      };
      await site.write(CHART, JSON.stringify(evidence, undefined, 2));
    },
    status: 3,
    error:
      /hello-0\.1\.0\.tgz is no packaged chart: it is not compressed with gzip but is an evidence file, and starts with "."/,
    hint: /give the archive that it belongs to: the same path without \.rekor\.json/,
  },
  {
    input: 'the manifest of a mirror in place of an archive',
    commands: readers,
    stage: async (site) => {
      await site.write(CHART, '{"mediaType":"application/vnd.helm-sigstore.mirror.v1+json","charts":[]}');
    },
    status: 3,
    error:
      /hello-0\.1\.0\.tgz is no packaged chart: it is not compressed with gzip but is the manifest of a mirror, and starts with ".*"/,
    hint: /all of a mirror is verified by helm sigstore verify --mirror, with its directory/,
  },
  {
    input: 'a tar archive without gzip',
    commands: readers,
    stage: async (site) => {
      await site.write(CHART, await tarOf(['hello/Chart.yaml', chartYaml]));
    },
    status: 3,
    error:
      /hello-0\.1\.0\.tgz is no packaged chart: it is not compressed with gzip but is a tar archive without gzip, and starts with ".*"/,
    hint: getItAsPublished,
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
    /there is no Chart\.yaml in it: found "hello\/values\.yaml"/,
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
    hint: /the index may know less than the log, and a Rekor v2 has none: helm sigstore verify says .*/,
  },
];

/** Two gigabytes of zeros: as many members of one gzip file. */
export const BOMB = cannotOpen(
  'two gigabytes of zeros in gzip',
  () => {
    const member = gzip(Buffer.alloc(64 << 20), { level: 9 });
    return Buffer.concat(Array.from({ length: 32 }, () => member));
  },
  /there is no Chart\.yaml in it: found no files/,
);
