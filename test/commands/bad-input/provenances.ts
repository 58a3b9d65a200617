import { sha256Hex } from '../../../src/digest.ts';
import { PROVENANCE, type WorkingDirectory } from '../../support/world/working-directory.ts';
import type { BadInput } from './bad-input.ts';

const judges = ['upload', 'verify', 'inspect'] as const;

const signIt = {
  consumer:
    /get it with helm pull --prov, or from the archive's URL with \.prov behind it; if there is none, its publisher has to sign the chart/,
  publisher: /sign the chart with helm sigstore sign, which writes it beside the archive/,
};
const getItAgain = {
  consumer: /get it again with helm pull --prov, or from the archive's URL with \.prov behind it/,
  publisher: /sign the chart again with helm sigstore sign --force/,
};
const getBothAgain = {
  consumer: /get archive and provenance again, from where the publisher puts them/,
  publisher: /the archive was changed after it was signed: sign it again with helm sigstore sign --force/,
};

/** What the program says of a file that is no provenance. */
function noProvenance(
  input: string,
  content: (good: string) => Uint8Array | string,
  reason: RegExp,
  hint: BadInput['hint'] = getItAgain,
): BadInput {
  return {
    input,
    commands: judges,
    stage: (site) => site.write(PROVENANCE, content(site.provenance)),
    status: 3,
    error: new RegExp(`hello-0\\.1\\.0\\.tgz\\.prov is no provenance file: ${reason.source}`),
    hint,
  };
}

/** A signed text with these lines below `files:`. */
async function signFiles(site: WorkingDirectory, ...files: readonly string[]): Promise<void> {
  const lines = files.map((file) => `  ${file}\n`).join('');
  await site.writeSignedText(`apiVersion: v2\nname: hello\nversion: 0.1.0\n\n...\nfiles:\n${lines}`);
}

export const BAD_PROVENANCES: readonly BadInput[] = [
  {
    input: 'a provenance that is missing',
    commands: judges,
    stage: (site) => site.remove(PROVENANCE),
    status: 3,
    error: /there is no provenance file hello-0\.1\.0\.tgz\.prov/,
    hint: signIt,
  },
  {
    input: 'a provenance that is empty',
    commands: judges,
    stage: (site) => site.write(PROVENANCE, ''),
    status: 3,
    error: /the provenance file hello-0\.1\.0\.tgz\.prov is empty/,
    hint: signIt,
  },
  {
    input: 'a provenance that is a directory',
    commands: judges,
    stage: (site) => site.makeDirectory(PROVENANCE),
    status: 3,
    error: /cannot read hello-0\.1\.0\.tgz\.prov: .*directory.*/,
  },
  {
    input: 'a provenance of 10 MB',
    commands: judges,
    stage: (site) => site.write(PROVENANCE, site.provenance.padEnd(10_000_000, '\n')),
    status: 3,
    error: /expected hello-0\.1\.0\.tgz\.prov to be a provenance file of at most 4194304 bytes, found more/,
  },
  noProvenance(
    'a provenance that is binary',
    () => Buffer.from([0, 1, 2, 0xff, 0xfe, 10, 0]),
    /expected a file that starts with the line "-----BEGIN PGP SIGNED MESSAGE-----", found ".*"/,
  ),
  noProvenance(
    'a page of a web server',
    () => '<!doctype html>\n<html></html>\n',
    /expected a file that starts with .*, found "<!doctype html>"/,
    /the server answered with a page in place of the file: look where it came from, and get it again with helm pull --prov/,
  ),
  noProvenance(
    'a provenance that is cut in its text',
    (good) => good.slice(0, 120),
    /expected the line "-----BEGIN PGP SIGNATURE-----", found none/,
  ),
  noProvenance(
    'a provenance that is cut in its signature',
    (good) => good.slice(0, -60),
    /expected the line "-----END PGP SIGNATURE-----", found none/,
  ),
  noProvenance(
    'a provenance twice in one file',
    (good) => good + good,
    /expected nothing after the block "PGP SIGNATURE", found "-----BEGIN PGP SIGNED MESSAGE-----"/,
  ),
  noProvenance(
    'a second signature block',
    (good) => good + good.slice(good.indexOf('-----BEGIN PGP SIGNATURE')),
    /expected nothing after the block "PGP SIGNATURE", found "-----BEGIN PGP SIGNATURE-----"/,
  ),
  noProvenance(
    'text before the signed text',
    (good) => `name: evil\n${good}`,
    /expected a file that starts with .*, found "name: evil"/,
  ),
  noProvenance(
    'text after the signature',
    (good) => `${good}name: evil\n`,
    /expected nothing after the block "PGP SIGNATURE", found "name: evil"/,
  ),
  {
    input: 'a provenance of two files',
    commands: judges,
    stage: (site) => {
      const digest = sha256Hex(site.archive);
      return signFiles(site, `hello-0.1.0.tgz: sha256:${digest}`, `hello-0.2.0.tgz: sha256:${digest}`);
    },
    status: 10,
    error:
      /hello-0\.1\.0\.tgz: archive-name: the provenance signs more than one file: expected hello-0\.1\.0\.tgz, found hello-0\.1\.0\.tgz, hello-0\.2\.0\.tgz/,
    hint: {
      consumer: /get archive and provenance again, from where the publisher puts them/,
      publisher: /sign each chart on its own, with helm sigstore sign --force/,
    },
  },
  {
    input: 'a provenance of another file name',
    commands: judges,
    stage: (site) => signFiles(site, `hello-0.2.0.tgz: sha256:${sha256Hex(site.archive)}`),
    status: 10,
    error:
      /hello-0\.1\.0\.tgz: archive-name: the provenance signs a file of another name: expected hello-0\.1\.0\.tgz, found hello-0\.2\.0\.tgz/,
    hint: {
      consumer: /if the archive was renamed, give the name that was signed with --as NAME-VERSION\.tgz/,
      publisher: /give the archive the name that was signed/,
    },
  },
  {
    input: 'a provenance of another digest',
    commands: judges,
    stage: (site) => signFiles(site, `hello-0.1.0.tgz: sha256:${'a'.repeat(64)}`),
    status: 10,
    error:
      /hello-0\.1\.0\.tgz: archive-digest: the archive is not the one that was signed: expected sha256:a{64}, found sha256:[0-9a-f]{64}/,
    hint: getBothAgain,
  },
  {
    input: 'a provenance that was changed after signing',
    commands: judges,
    stage: (site) => site.write(PROVENANCE, site.provenance.replace('apiVersion: v2', 'apiVersion: v1')),
    status: 10,
    error:
      /hello-0\.1\.0\.tgz: provenance-signature: the signature does not fit the text: one of them was changed after signing.*/,
    hint: {
      consumer:
        /get archive and provenance again, from where the publisher puts them; if that changes nothing, tell the publisher/,
      publisher: /sign the chart again, with helm sigstore sign --force/,
    },
  },
];
