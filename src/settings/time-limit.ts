import { excerpt } from '../encoding.ts';
import { UsageError } from '../errors.ts';
import { OPTIONS } from './options.ts';
import type { Settings } from './settings.ts';

/** How long one request may take, in milliseconds. @throws UsageError when it is not a duration. */
export function timeLimitOf(settings: Settings<'timeout'>): number {
  const text = settings.one('timeout') ?? OPTIONS.timeout.default;
  const [, digits, unit] = /^([0-9]{1,6})(ms|s|m)?$/.exec(text) ?? [];
  const milliseconds = Number(digits) * (unit === 'ms' ? 1 : unit === 'm' ? 60_000 : 1000);
  if (!(milliseconds > 0 && milliseconds <= 3_600_000))
    throw new UsageError(
      `--timeout expects a duration of at most an hour, such as 30s, found ${excerpt(text)}`,
    );
  return milliseconds;
}
