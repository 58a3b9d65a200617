import type { Answer } from '../cli/answer.ts';
import type { Printer } from '../cli/printer.ts';
import { InputError, UsageError } from '../errors.ts';
import { excerpt } from '../encoding.ts';
import { Deadline, limitsOf } from '../http/deadline.ts';
import { passMembers, passText } from '../render/monitored-pass.ts';
import type { RunContext } from '../run/context.ts';
import { openHttp } from '../run/http.ts';
import { withLog } from '../run/log.ts';
import { logTokenFor } from '../run/log-token.ts';
import { sigstoreTrustOf } from '../run/sigstore-trust.ts';
import { rekorServerOf } from '../settings/addresses.ts';
import { KEYRING_OPTIONS, LOG_OPTIONS, REGISTRY_OPTIONS } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { keysOfLogAt } from '../trust/sigstore-trust.ts';
import { timeLimitOf } from '../settings/time-limit.ts';
import { goThrough } from './go-through.ts';
import { Pass } from './pass.ts';
import { withPublished } from './published-from.ts';
import { withStateFile, type StateFile } from './state-file.ts';
import { emptyState, watchingFor, type MonitorState } from './state.ts';
import { Teller } from './teller.ts';
import { watchedOf, WATCHING_OPTIONS } from './watched-from.ts';

/** What a monitor takes. */
export const MONITOR_OPTIONS = [
  ...LOG_OPTIONS,
  ...KEYRING_OPTIONS,
  ...REGISTRY_OPTIONS,
  ...WATCHING_OPTIONS,
  'published',
  'monitorState',
  'startFrom',
  'execProgram',
  'maxEntries',
] as const;

type MonitorOption = (typeof MONITOR_OPTIONS)[number];

/** Goes once through what is new in a log since the last time, and answers. */
export async function answerMonitored(
  settings: Settings<MonitorOption>,
  context: RunContext,
  show: Printer['show'],
): Promise<Answer> {
  const path = settings.one('monitorState');
  if (path === undefined)
    throw new UsageError(
      'expected --state, found none',
      'name a file: the monitor remembers there how far it came, and what it saw of the log',
    );
  const most = mostEntriesOf(settings);
  const { trust } = await sigstoreTrustOf(settings, context);
  const watched = await watchedOf(settings, context, trust.certificateAuthorities);
  const teller = new Teller(
    {
      server: rekorServerOf(settings).href,
      show,
      program: settings.one('execProgram'),
      timeLimit: timeLimitOf(settings),
    },
    context,
  );
  const seen = await withStateFile(path, (file) =>
    withPublished(settings, context, (published) =>
      withLog(settings, context, async (log) => {
        const token = await logTokenFor(() => log.server.href, settings, context);
        const http = await openHttp(context, settings.one('caFile'), undefined, token);
        try {
          const startsNow = settings.one('startFrom') === 'now';
          const state = stateFor(file, log.server.href, watched.words, startsNow, context);
          const pass = new Pass({ state, file, teller, watched, published, startsNow, now: context.now() });
          const limits = limitsOf(timeLimitOf(settings));
          const asking = () => ({ http, deadline: new Deadline(limits, context.interrupted) });
          const roots = keysOfLogAt(trust, log.server.href, settings.one('trustedRoot') !== undefined);
          const found = await goThrough({
            pass,
            log,
            asking,
            roots,
            most,
            context,
            lastWay: file.state?.way,
          });
          return { ...found, ...pass.claims };
        } finally {
          http.close();
        }
      }),
    ),
  );
  const { result, server } = seen;
  const { notAsked, ...found } = result;
  const passed = { server, counts: teller.counts, ...found };
  return {
    status: teller.status,
    text: [],
    document: { log: { url: server }, ...passMembers(passed), ...(notAsked.length > 0 && { notAsked }) },
    summary: passText(passed),
    diagnoses: teller.failures,
  };
}

function mostEntriesOf(settings: Settings<'maxEntries'>): number {
  const text = settings.one('maxEntries') ?? '';
  if (/^[1-9][0-9]{0,11}$/.test(text)) return Number(text);
  throw new UsageError(`--max-entries expects a number from 1, found ${excerpt(text)}`);
}

/** What a pass begins with. @throws InputError on the state of another log, or where a first pass is asked for that is none */
function stateFor(
  { state, path }: StateFile,
  log: string,
  words: readonly string[],
  startsNow: boolean,
  { stderr }: RunContext,
): MonitorState {
  if (state === undefined) {
    stderr.print([
      `There is no state ${path} yet: ${startsNow ? 'what the log has until now is not looked at' : 'the log is looked through from its beginning'}`,
    ]);
    return emptyState(log, 'index', words);
  }
  if (state.log !== log)
    throw new InputError(
      `the state ${path} is of the log ${excerpt(state.log, 200)}, and this run is about ${log}`,
      'give each log a state file of its own',
    );
  // A pass that saw nothing of the log was none.
  if (startsNow && state.trees.length > 0)
    throw new InputError(
      `--from now is for a first pass, and the state ${path} is of an earlier one`,
      'leave it out: the monitor goes on where it ended',
    );
  const now = watchingFor(state, words);
  if (now.trees !== state.trees)
    stderr.print(['More is watched for than before: all entries are looked through again']);
  return now;
}
