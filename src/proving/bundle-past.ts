import { BundleHistory, type ProveExtension } from '../history/bundle-history.ts';
import type { Requirements } from '../policy/requirements.ts';
import type { RunContext } from '../run/context.ts';
import { historyOptions } from '../run/history.ts';
import type { NetworkOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { needsProof } from '../tlog/consistency-proof.ts';
import type { BundleEvidence } from '../verification/bundle-evidence.ts';
import { checkpointOfBundle } from '../verification/bundle-checkpoint.ts';
import type { LogsOfBundles } from './logs-of-bundles.ts';

/** What was seen before of the logs of bundles, in one run. */
export class BundlePast {
  readonly #history: BundleHistory;
  #logs: Promise<LogsOfBundles> | undefined;

  /** @param isOffline whether no log may be asked */
  constructor(
    private readonly settings: Settings<NetworkOption>,
    private readonly context: RunContext,
    private readonly isOffline: boolean,
  ) {
    this.#history = new BundleHistory(historyOptions(context));
    context.afterwards(async () => {
      await this.#history.remember();
      // Why it could not be opened was said.
      (await this.#logs?.catch(() => undefined))?.close();
    });
  }

  /**
   * The same evidence, with what is known of the tree of its checkpoint. A log is asked for a proof only where one is required:
   * what a bundle proves, it proves without a network.
   */
  async known(
    evidence: BundleEvidence,
    { consistency }: Pick<Requirements, 'consistency'>,
  ): Promise<Pick<BundleEvidence, 'past'>> {
    const found = await checkpointOfBundle(evidence);
    if (found === undefined) return {};
    const why = this.isOffline ? OFFLINE : consistency === 'required' ? undefined : NOT_REQUIRED;
    const prove: ProveExtension = async (key, before, now) => {
      if (!needsProof(before, now)) return { kind: 'not-needed' };
      if (why !== undefined) return { kind: 'not-asked', why };
      this.#logs ??= import('./logs-of-bundles.ts').then(({ LogsOfBundles }) =>
        LogsOfBundles.open(this.settings, this.context),
      );
      return await (await this.#logs).prove(key, before, now);
    };
    return { past: await this.#history.pastOf(found.checkpoint, found.key, prove) };
  }
}

const OFFLINE = 'offline, so the log was not asked for a proof that it extends what was seen before';
const NOT_REQUIRED =
  'the tree was seen before with another size, and the log of a bundle is asked for a proof only with --require-consistency';
