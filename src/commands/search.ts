import { EXIT_STATUS } from '../cli/exit-status.ts';
import { requireEntry, searchLog } from '../proving/search-log.ts';
import { QUERY_OPTIONS, wantedQuery } from '../proving/wanted-query.ts';
import { conflictMembers } from '../render/conflict-text.ts';
import { foundMembers } from '../render/found-members.ts';
import { logMembers } from '../render/json.ts';
import { searchDiagnosis, searchText } from '../render/search-text.ts';
import { defineCommand } from '../run/command.ts';
import { withLog } from '../run/log.ts';
import { LOG_OPTIONS, REFERENCE_OPTIONS } from '../settings/option-groups.ts';

export const search = defineCommand({
  arguments: '[chart]',
  description:
    'Lists the entries that the log has for an archive (its .prov is not needed), a digest, an e-mail address or ' +
    'a public key: of provenances, and of signatures of Sigstore over the archive or a statement about it. ' +
    "The log's index is a best effort: it may know less than the log. Logs of Rekor v2 have none.",
  examples: [
    'search hello-0.1.0.tgz',
    'search --email publisher@example.com',
    'search --sha256 f649ba4553214a43066ebd080759a3ebe363ce1b93819552e69988c5b955e1c4 --output json',
  ],
  options: [...LOG_OPTIONS, ...QUERY_OPTIONS, ...REFERENCE_OPTIONS, 'policy', 'output'],
  run: async ([chart], settings, context) => {
    const wanted = wantedQuery(chart, settings, context);
    const searched = await withLog(settings, context, async (log) => {
      const { query, about } = await wanted();
      return { about, findings: await searchLog(query, log, context) };
    });
    const { result, server, trusted } = searched;
    const { about, findings } = result;
    requireEntry(findings, about, server);
    const diagnosis = trusted && searchDiagnosis(findings, about, server);
    const against = trusted?.source.detail ?? 'no trusted key of this log';
    const { found, unreadable } = findings;
    const shown = found.shown();
    const notShown = found.count - shown.length;
    return {
      status: diagnosis ? EXIT_STATUS.REJECTED : 0,
      text: diagnosis ? [] : searchText({ shown, notShown, unreadable }, server, against),
      document: {
        query: about,
        log: logMembers(server, trusted),
        entries: shown.map((each) => foundMembers(each, server)),
        ...(notShown > 0 && { entriesNotShown: notShown }),
        unreadable,
        ...conflictMembers(searched),
      },
      ...(diagnosis && { diagnoses: [diagnosis] }),
    };
  },
});
