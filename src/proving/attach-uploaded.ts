import type { ChartFiles } from '../chart/chart-files.ts';
import { InputError, MalformedError, messageOf, SigstoreError, UsageError } from '../errors.ts';
import { MEDIA_TYPE } from '../evidence/evidence.ts';
import { formatEvidence } from '../evidence/format.ts';
import { parseEvidence } from '../evidence/parse.ts';
import { PROVENANCE_BUNDLE_TYPE } from '../evidence/sigstore-bundle.ts';
import type { KeptEvidence } from '../evidence/write.ts';
import { attach, type Attachment } from '../registry/attachment.ts';
import { fetchManifest } from '../registry/manifests.ts';
import { formatReference, parseRegistryReference } from '../registry/reference.ts';
import { ChartServers } from '../run/chart-servers.ts';
import type { RunContext } from '../run/context.ts';
import type { OpenedLog } from '../run/log.ts';
import type { RegistryOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import type { LoggedEntry } from '../tlog/logged-entry.ts';
import { judgePresent } from './present-evidence.ts';

type Log = Pick<OpenedLog, 'server' | 'trustedFor'>;

/** Attaches to charts in registries what the log proved of them. */
export class Attaching {
  readonly #servers: ChartServers;
  readonly #now: () => number;

  private constructor(servers: ChartServers, now: () => number) {
    this.#servers = servers;
    this.#now = now;
  }

  /** @throws UsageError if a chart is named that is in no registry, or options contradict each other */
  static async open(
    operands: readonly string[],
    settings: Settings<RegistryOption | 'evidence' | 'noEvidence'>,
    context: RunContext,
  ): Promise<Attaching> {
    const other = operands.find((word) => !/^oci:\/\//i.test(word));
    if (operands.length === 0 || other !== undefined)
      throw new UsageError(
        '--attach is for charts in registries, which begin with oci://, but others were given',
        'what the log proved of a file is kept beside it',
      );
    if (settings.one('evidence') !== undefined || settings.has('noEvidence'))
      throw new UsageError('expected --attach, --evidence or --no-evidence, found two of them');
    return new Attaching(await ChartServers.open(settings, context), context.now);
  }

  /**
   * Attaches an entry that proves its chart, unless evidence with the same entry, which holds, is attached already. That
   * this cannot be done makes no upload fail.
   * @throws InputError on a bad file of credentials
   */
  async attachTo(chart: ChartFiles, entry: LoggedEntry, log: Log): Promise<KeptEvidence> {
    const present = await this.#present(chart, entry, log);
    if (present !== undefined) return { outcome: 'unchanged', path: present };
    try {
      const bytes = formatEvidence({ log: log.server.href, entries: [entry] });
      return { outcome: 'written', path: await this.#push(chart, { artifactType: MEDIA_TYPE, bytes }) };
    } catch (error) {
      const isExpected = error instanceof SigstoreError || error instanceof MalformedError;
      if (!isExpected) throw error;
      const problem = new InputError(`cannot attach it to ${chart.label}: ${messageOf(error)}`);
      return { outcome: 'not-written', path: chart.label, problem };
    }
  }

  /**
   * Attaches a bundle of the provenance of a chart, as it proves that.
   * @returns where it is. @throws SigstoreError if that cannot be done
   */
  async attachBundle(chart: ChartFiles, bytes: Uint8Array): Promise<string> {
    try {
      return await this.#push(chart, { artifactType: PROVENANCE_BUNDLE_TYPE, bytes });
    } catch (error) {
      if (!(error instanceof SigstoreError)) throw error;
      const message = `the signature of ${chart.label} is logged, and its bundle is not attached: ${error.message}`;
      throw new SigstoreError(
        error.code,
        message,
        error.hint ?? 'upload the chart again, which does no harm',
        {
          cause: error,
        },
      );
    }
  }

  /** Closes connections. */
  async close(): Promise<void> {
    await this.#servers.close();
  }

  /** What is attached already, by its label. */
  async #present(chart: ChartFiles, entry: LoggedEntry, log: Log): Promise<string | undefined> {
    for (const { label, bytes } of await chart.evidence()) {
      const judged = await judgePresent(
        readable(bytes),
        entry,
        await log.trustedFor(entry.logId),
        this.#now(),
      );
      if (typeof judged === 'object' && judged.holding !== undefined) return label;
    }
    return undefined;
  }

  async #push(chart: ChartFiles, attachment: Attachment): Promise<string> {
    const reference = parseRegistryReference(chart.asked?.reference ?? chart.label);
    const repository = await this.#servers.repository(reference, this.#servers.deadline());
    // Of the manifest that was fetched: the tag may have moved since.
    const named = chart.source?.digest ?? reference.digest;
    if (named === undefined) throw new UsageError('Helm chose its version: name the chart by its tag');
    const manifest = await fetchManifest(repository, { digest: named });
    const attached = await attach(repository, manifest, attachment);
    return formatReference({ ...repository.name, digest: attached.digest });
  }
}

/** Evidence; what is malformed has no entry. */
function readable(bytes: Uint8Array) {
  try {
    return parseEvidence(bytes);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return { log: '', entries: [] };
  }
}
