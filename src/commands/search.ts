import { readArchive } from '../chart/archive.ts';
import { readKeyFile } from '../keyring/disk.ts';
import type { Answer, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { EXIT_STATUS } from '../cli/exit-status.ts';
import { lookUpIndexVisibly } from '../cli/index-lookup.ts';
import { openLog, type OpenedLog } from '../cli/log.ts';
import type { Settings } from '../cli/settings.ts';
import { parseSha256 } from '../digest.ts';
import { LogError, MalformedError, NotFoundError, UsageError } from '../errors.ts';
import { excerpt } from '../encoding.ts';
import type { IndexQuery } from '../rekor/client.ts';
import { conflictMembers } from '../render/conflict-text.ts';
import { entryMembers, logMembers } from '../render/json.ts';
import { searchText } from '../render/search-text.ts';
import { firstFailure } from '../verification/verdict.ts';
import { isProven, judgeFound, type FoundEntry } from '../verification/found-entry.ts';

export const search: CommandDefinition = {
  arguments: '[chart]',
  description:
    'Lists the entries that the log has for an archive (its .prov is not needed), a digest, an e-mail address or\n' +
    "a public key. The log's index is a best effort: it may know less than the log.",
  examples: [
    'search hello-0.1.0.tgz',
    'search --email publisher@example.com',
    'search --sha256 1c6412a4185cd186a3f8861866eae28bc0e2c8d87bee3e254cff94fb6bdb3808 --output json',
  ],
  options: [
    'rekorServer',
    'sha256',
    'email',
    'searchKey',
    'rekorPublicKey',
    'trustedRoot',
    'firstUse',
    'caFile',
    'timeout',
    'output',
  ],
  run: searchLog,
};

interface Query {
  readonly query: IndexQuery;
  /** What is searched for, in words. */
  readonly about: string;
}

async function searchLog([chart]: readonly string[], settings: Settings, context: Context): Promise<Answer> {
  const wanted = wantedQuery(chart, settings);
  const log = await openLog(settings, context);
  try {
    const { query, about } = await wanted();
    const { found, unreadable } = await find(query, log, context).finally(() => log.history.remember());
    if (found.length === 0)
      throw unreadable === 0
        ? new NotFoundError(`no entry for ${about} in ${log.server.href}`)
        : new LogError(
            'LOG_ANSWER',
            `${log.server.href} has nothing for ${about} that can be read as an entry`,
          );
    const rejected = log.trusted !== undefined && !found.some(isProven);
    const [failure] = found.flatMap(({ checks = [] }) => firstFailure(checks) ?? []);
    const reason = failure === undefined ? '' : `: ${failure.id}: ${failure.detail}`;
    const message = `no entry that ${log.server.href} returned for ${about} holds${reason}`;
    const against = log.trusted?.source.detail ?? 'no trusted key of this log';
    return {
      status: rejected ? EXIT_STATUS.REJECTED : 0,
      text: rejected ? '' : searchText(found, log.server.href, against),
      document: {
        query: about,
        log: logMembers(log.server.href, log.trusted),
        entries: found.map((each) => foundMembers(each, log.server.href)),
        unreadable,
        ...conflictMembers(log.history),
      },
      ...(rejected && { diagnoses: [{ code: 'REJECTED', message }] }),
      afterwards: log.afterwards,
    };
  } finally {
    log.close();
  }
}

async function find(
  query: IndexQuery,
  log: OpenedLog,
  context: Context,
): Promise<{ found: FoundEntry[]; unreadable: number }> {
  const found: FoundEntry[] = [];
  let unreadable = 0;
  const client = log.connect();
  for await (const group of lookUpIndexVisibly(client, query, context)) {
    for (const returned of group.entries) {
      const trusted = log.trusted && (await log.trustedFor(returned.entry.logId));
      const past = trusted && (await log.history.pastOf(returned, { log: trusted, client }));
      found.push(await judgeFound(returned, trusted && past && { log: trusted, past }));
    }
    unreadable += group.unreadable.length;
  }
  found.sort((a, b) => a.entry.logIndex - b.entry.logIndex);
  return { found, unreadable };
}

/** What to search for. Usage errors come at once, files are read when the returned function is called. */
function wantedQuery(chart: string | undefined, settings: Settings): () => Promise<Query> {
  const sha256 = settings.one('sha256');
  const email = settings.one('email');
  const key = settings.one('searchKey');
  const given = [chart, sha256, email, key].filter((value) => value !== undefined);
  if (given.length !== 1)
    throw new UsageError(
      `one chart, --sha256, --email or --public-key is expected, found ${given.length === 0 ? 'none' : given.length}`,
    );
  if (sha256 !== undefined) {
    const query = { sha256: digestOf(sha256) };
    return () => Promise.resolve({ query, about: `sha256:${query.sha256}` });
  }
  if (email !== undefined) {
    if (!/^[^@\s]+@[^@\s]+$/.test(email))
      throw new UsageError(`--email expects an e-mail address, found ${excerpt(email)}`);
    return () => Promise.resolve({ query: { email }, about: email });
  }
  if (key !== undefined) return async () => ({ query: { publicKey: await readKeyFile(key) }, about: key });
  return async () => {
    const archive = await readArchive(chart ?? '');
    return { query: { sha256: archive.sha256 }, about: `${archive.name} (sha256:${archive.sha256})` };
  };
}

function digestOf(text: string): string {
  try {
    return parseSha256(text.replace(/^sha256:/i, '').toLowerCase());
  } catch (thrown) {
    if (thrown instanceof MalformedError)
      throw new UsageError(`--sha256 expects 64 hexadecimal digits, found ${excerpt(text)}`);
    throw thrown;
  }
}

function foundMembers(found: FoundEntry, server: string): Record<string, unknown> {
  const { entry, helm, checks } = found;
  return {
    ...entryMembers(entry, server),
    ...(helm && { archive: { sha256: helm.sha256 }, signers: helm.signers }),
    proofs: checks === undefined ? 'not-checked' : isProven(found) ? 'hold' : 'do-not-hold',
    ...(checks && { checks }),
  };
}
