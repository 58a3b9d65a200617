import { UsageError } from '../errors.ts';
import { isLoopback } from '../http/base-url.ts';
import type { AcceptingSettings } from '../proving/accept-chart.ts';
import type { RunContext } from '../run/context.ts';
import type { ReferenceOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import type { SourceWords } from './source-words.ts';

/** The options of the wrapper that stand before the verb. */
export type WrapperSettings = AcceptingSettings & Settings<'plainHttp'>;

/**
 * How one chart is fetched: by the words for Helm, and by our own options where these say nothing.
 * @throws UsageError on what a policy does not allow
 */
export function sourceOf(
  reference: string,
  { values }: SourceWords,
  settings: WrapperSettings,
  { policy }: Pick<RunContext, 'policy'>,
): Settings<ReferenceOption> {
  const place = values.repo ?? reference;
  if (values.plainHttp && policy !== undefined && !isOnThisMachine(String(place)))
    throw new UsageError(
      `expected no --plain-http with a policy, found one: the policy ${policy.path} says what counts`,
      'leave it out: a registry of this machine may speak http without it',
    );
  return settings.lacking<ReferenceOption>().with(values);
}

function isOnThisMachine(reference: string): boolean {
  const host = /^[a-z0-9+.-]+:\/\/([^/]*)/i.exec(reference)?.[1] ?? '';
  try {
    return isLoopback(new URL(`http://${host}/`).hostname);
  } catch {
    return false;
  }
}
