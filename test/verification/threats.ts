import { format, resolveConfig } from 'prettier';
import { CHECK_IDS } from '../../src/verification/openpgp-rekor.ts';
import type { BundleForgery } from './lies/provenance-bundles.ts';
import type { Forgery, Row } from './row.ts';
import { isCheckId } from './verdicts.ts';

/** The page that lists every forgery and what catches it, and every honest variation; formatted as the others are. */
export async function threatsPage(
  path: string,
  {
    forgeries,
    variations,
    bundles,
  }: {
    forgeries: readonly Forgery[];
    variations: readonly Row[];
    bundles: readonly Pick<BundleForgery, 'name' | 'caughtBy'>[];
  },
): Promise<string> {
  const headings = [...new Set(forgeries.map(headingOf))];
  const text = [
    '# Threats',
    [
      `What tests do to \`helm sigstore verify\`, and what becomes of it: ${forgeries.length} forgeries that must be caught, each by the`,
      `check (or error) under whose name it stands, and ${variations.length} honest variations that must be accepted. Each row is a run of`,
      'the whole program against a log with a real Merkle tree that lies in this one respect. What is forged is signed again with the true',
      'key of the log, unless the signature is what is forged, so that no other check can catch it by luck; and all checks that do not',
      'stand on the one that fails pass, unless a lie cannot be told alone.',
    ].join('\n'),
    'This page is made of the rows in `test/verification/lies` by `npm run docs:threats`; a test holds the one to the others.',
    ...headings.flatMap((heading) => [
      `## ${heading}`,
      table(forgeries.filter((forgery) => headingOf(forgery) === heading)),
    ]),
    '## Bundles of provenances: status 10',
    'What is forged of `CHART.tgz.prov.sigstore.json`, and the check of the profile `openpgp-bundle` that catches it.',
    [
      '| a bundle | caught by |',
      '| --- | --- |',
      ...bundles.map(({ name, caughtBy }) => `| ${name} | \`${caughtBy}\` |`),
    ].join('\n'),
    '## Honest variations',
    'Status 0, and the entry that counts is the earliest one that verifies.',
    table(variations),
  ].join('\n\n');
  return await format(text, { ...(await resolveConfig(path)), filepath: path });
}

const ERRORS: Readonly<Record<string, string>> = {
  NOT_FOUND: 'the log has no entry of this provenance',
  LOG_ANSWER: 'an answer that makes no sense',
  LOG_UNREACHABLE: 'no answer',
  LOG_REFUSED: 'the server refuses',
};

function headingOf({ caughtBy, status }: Forgery): string {
  const what = isCheckId(caughtBy)
    ? `check ${CHECK_IDS.findIndex((id) => id === caughtBy) + 1}`
    : ERRORS[caughtBy];
  return `\`${caughtBy}\`: ${what ?? 'an error'}, status ${status}`;
}

function table(rows: readonly Row[]): string {
  return ['| what | how |', '| --- | --- |', ...rows.map(({ name, story }) => `| ${name} | ${story} |`)].join(
    '\n',
  );
}
